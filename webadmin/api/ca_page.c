/* ca_page.c: /ca: the authority's certificate for everyone, with what to do with it; no script needed. */
#include "base/buf.h"

#include "webadmin/api/api.h"
#include "webadmin/api/handlers.h"

enum { PAGE_MAX = 16 * 1024 };

static const char head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	"<meta name=\"color-scheme\" content=\"light dark\">"
	"<title>Porchlight: certificate</title><link rel=\"icon\" href=\"/icon.svg\" "
	"type=\"image/svg+xml\">"
	"<script src=\"/theme.js\"></script><link rel=\"stylesheet\" "
	"href=\"/style.css\"></head><body class=\"gate\">"
	"<header class=\"gate-head\"><a class=\"brand\" href=\"/\"><img src=\"/icon.svg\" alt=\"\" "
	"width=\"30\" height=\"30\">"
	"Porchlight</a><a href=\"#ko\" lang=\"ko\">한국어</a></header>"
	"<main class=\"card wide\">";

static const char english[] =
	"<h1>Certificate of this server's authority</h1>"
	"<p>Install it once on each machine, and every client trusts this server.</p>"
	"<ul><li><a href=\"/ca.crt\">For Windows, macOS, Android and iOS (.crt)</a></li>"
	"<li><a href=\"/ca.pem\">For Linux and SIP clients (.pem)</a></li></ul>"
	"<h2>Where it goes</h2><dl class=\"facts\">"
	"<div><dt>Windows</dt><dd>Open the file, Install certificate, Local machine, Trusted Root "
	"Certification "
	"Authorities</dd></div>"
	"<div><dt>macOS</dt><dd>Open the file, add it to the System keychain, set it to Always "
	"Trust</dd></div>"
	"<div><dt>Debian, Ubuntu</dt><dd>Copy the .pem to "
	"/usr/local/share/ca-certificates/porchlight.crt, run "
	"update-ca-certificates</dd></div>"
	"<div><dt>Android</dt><dd>Settings, Security, Install a certificate, CA "
	"certificate</dd></div>"
	"<div><dt>iOS</dt><dd>Open the .crt in Safari, install the profile, then Settings, "
	"General, About, "
	"Certificate Trust Settings</dd></div></dl>";

static const char korean[] =
	"<section class=\"part\" id=\"ko\" lang=\"ko\"><h2>이 서버의 인증 기관 인증서</h2>"
	"<p>각 컴퓨터에 한 번 설치하면 모든 클라이언트가 이 서버를 신뢰합니다.</p>"
	"<ul><li><a href=\"/ca.crt\">Windows, macOS, Android, iOS용 (.crt)</a></li>"
	"<li><a href=\"/ca.pem\">Linux 및 SIP 클라이언트용 (.pem)</a></li></ul>"
	"<h2>설치하는 곳</h2><dl class=\"facts\">"
	"<div><dt>Windows</dt><dd>파일을 열고 인증서 설치, 로컬 컴퓨터, 신뢰할 수 있는 루트 인증 "
	"기관</dd></div>"
	"<div><dt>macOS</dt><dd>파일을 열어 시스템 키체인에 추가하고 항상 신뢰로 설정</dd></div>"
	"<div><dt>Debian, Ubuntu</dt><dd>.pem 파일을 "
	"/usr/local/share/ca-certificates/porchlight.crt로 복사하고 "
	"update-ca-certificates 실행</dd></div>"
	"<div><dt>Android</dt><dd>설정, 보안, 인증서 설치, CA 인증서</dd></div>"
	"<div><dt>iOS</dt><dd>Safari에서 .crt를 열어 프로파일을 설치한 뒤 설정, 일반, 정보, 인증서 "
	"신뢰 설정</dd></div>"
	"</dl></section>";

void api_ca_page(struct http_req *rq, void *arg)
{
	struct buf b;
	size_t len;
	char *page;

	(void)arg;
	buf_init(&b, PAGE_MAX);
	buf_addz(&b, head);
	buf_addz(&b, english);
	buf_addz(&b, korean);
	buf_addz(&b, "</main></body></html>\n");
	page = buf_take(&b, &len);
	http_reply_take(rq, 200, "text/html; charset=utf-8", page, len);
}
