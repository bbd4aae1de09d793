"use strict";
// Words in both languages, and the one way to call the API.

const words = {
	en: {
		skip: "Skip to content", language: "Language",
		signInTitle: "Sign in", adminName: "Administrator", password: "Password", signIn: "Sign in",
		signOut: "Sign out", caLink: "Certificate of this server's authority",
		homeTitle: "This server", usersTitle: "Users", colName: "Name", colDisplay: "Display name",
		colState: "State", colLast: "Last sign-in", more: "Show more",
		usersEmpty: "There are no users yet. Add the first one with the command \"porchlight user add\".",
		enabled: "enabled", disabled: "disabled", never: "never",
		healthy: "Everything is all right.", degraded: "Needs attention:",
		factDomain: "Domain", factUsers: "Users", factEndpoints: "Signed-in clients", factVersion: "Version",
		factCert: "Certificate valid until",
		wrong: "The name or the password is wrong.", wait: "Too many attempts. Please wait a moment.",
		offline: "The server does not answer.", needed: "Please fill in this field.",
		setupTitle: "Set up this server", setupGo: "Set up", setupClosedTitle: "Nothing to set up",
		setupClosed: "This server is set up already, or the link is no longer valid.",
		toSignIn: "To the sign-in page", domain: "Domain of your addresses",
		domainHelp: "As in alice@example.org. It cannot be changed later without setting every password again.",
		host: "Name of this server", hostHelp: "The full name clients connect to, as in im.example.org.",
		adminNew: "Name of the first administrator", passwordNew: "Password (at least 10 characters)",
		linkTitle: "Choose your password", save: "Save", doneTitle: "Done",
		doneText: "The server now uses the certificate of its own authority: your browser will ask once more. Install the authority's certificate on the machines of your users.",
	},
	ko: {
		skip: "본문으로 건너뛰기", language: "언어",
		signInTitle: "로그인", adminName: "관리자", password: "비밀번호", signIn: "로그인",
		signOut: "로그아웃", caLink: "이 서버의 인증 기관 인증서",
		homeTitle: "이 서버", usersTitle: "사용자", colName: "이름", colDisplay: "표시 이름",
		colState: "상태", colLast: "마지막 로그인", more: "더 보기",
		usersEmpty: "아직 사용자가 없습니다. \"porchlight user add\" 명령으로 첫 사용자를 추가하세요.",
		enabled: "사용", disabled: "사용 안 함", never: "없음",
		healthy: "모두 정상입니다.", degraded: "확인이 필요합니다:",
		factDomain: "도메인", factUsers: "사용자", factEndpoints: "로그인한 클라이언트", factVersion: "버전",
		factCert: "인증서 만료일",
		wrong: "이름 또는 비밀번호가 올바르지 않습니다.", wait: "시도 횟수가 너무 많습니다. 잠시 기다려 주세요.",
		offline: "서버가 응답하지 않습니다.", needed: "이 항목을 입력하세요.",
		setupTitle: "서버 설정", setupGo: "설정", setupClosedTitle: "설정할 것이 없습니다",
		setupClosed: "이 서버는 이미 설정되었거나 링크가 더 이상 유효하지 않습니다.",
		toSignIn: "로그인 페이지로", domain: "주소의 도메인",
		domainHelp: "예: alice@example.org의 example.org. 나중에 바꾸려면 모든 비밀번호를 다시 설정해야 합니다.",
		host: "서버 이름", hostHelp: "클라이언트가 접속하는 전체 이름. 예: im.example.org",
		adminNew: "첫 관리자의 이름", passwordNew: "비밀번호 (10자 이상)",
		linkTitle: "비밀번호를 정하세요", save: "저장", doneTitle: "완료",
		doneText: "이제 서버가 자체 인증 기관의 인증서를 사용하므로 브라우저가 한 번 더 확인합니다. 사용자들의 컴퓨터에 인증 기관 인증서를 설치하세요.",
	},
};

function storedLanguage() {
	try {
		return localStorage.getItem("language");
	} catch (e) {
		return null; // storage is switched off
	}
}

let language = storedLanguage() || (navigator.language.startsWith("ko") ? "ko" : "en");
if (!(language in words))
	language = "en";

function t(key) {
	return words[language][key] || words.en[key] || key;
}

function translate() {
	document.documentElement.lang = language;
	for (const e of document.querySelectorAll("[data-t]"))
		e.textContent = t(e.dataset.t);
	for (const e of document.querySelectorAll("[data-t-label]"))
		e.setAttribute("aria-label", t(e.dataset.tLabel));
	for (const b of document.querySelectorAll("[data-lang]"))
		b.setAttribute("aria-pressed", String(b.dataset.lang === language));
	document.dispatchEvent(new Event("translated"));
}

for (const b of document.querySelectorAll("[data-lang]")) {
	b.addEventListener("click", () => {
		language = b.dataset.lang;
		try {
			localStorage.setItem("language", language);
		} catch (e) {
			// the choice lasts as long as the page
		}
		translate();
	});
}

let csrf = "";

// Resolves to {status, body}; status 0 when the server cannot be reached.
async function api(method, path, body) {
	const options = { method, headers: {}, credentials: "same-origin", cache: "no-store" };

	if (csrf !== "")
		options.headers["X-CSRF-Token"] = csrf;
	if (body !== undefined) {
		options.headers["Content-Type"] = "application/json";
		options.body = JSON.stringify(body);
	}
	try {
		const answer = await fetch("/api/v1" + path, options);
		const type = answer.headers.get("Content-Type") || "";

		return { status: answer.status, body: type.startsWith("application/json") ? await answer.json() : null };
	} catch (e) {
		return { status: 0, body: null };
	}
}

function show(id) {
	for (const s of document.querySelectorAll("main > section"))
		s.hidden = s.id !== id;
}

// Says what is wrong above the form, and marks the field it is about.
function formError(form, message, field) {
	const place = form.querySelector(".error");

	for (const i of form.querySelectorAll("input"))
		i.removeAttribute("aria-invalid");
	place.textContent = message;
	place.hidden = message === "";
	if (message === "")
		return;
	const input = field ? form.elements.namedItem(field) : null;
	if (input) {
		input.setAttribute("aria-invalid", "true");
		input.focus();
	}
}

// The first empty field that must not be empty, said to the user.
function isComplete(form) {
	for (const i of form.querySelectorAll("input[required]")) {
		if (i.value.trim() === "") {
			formError(form, t("needed"), i.name);
			return false;
		}
	}
	formError(form, "");
	return true;
}

function errorText(answer) {
	if (answer.status === 0)
		return t("offline");
	if (answer.status === 429)
		return t("wait");
	const e = answer.body && answer.body.error;
	return e ? e.message : String(answer.status);
}

document.addEventListener("DOMContentLoaded", translate);
