// counting.mjs: cases that are counted; the last line is "N passed, N failed".  ONLY=text runs those whose name has it.
const cases = [];

export function test(name, fn) {
	cases.push([name, fn]);
}

export function check(claim, what) {
	if (!claim)
		throw new Error(what);
}

export function equal(got, want, what) {
	if (JSON.stringify(got) !== JSON.stringify(want))
		throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

export async function main(finish) {
	let passed = 0, failed = 0;

	for (const [name, fn] of cases) {
		const begin = Date.now();

		if (process.env.ONLY && !name.includes(process.env.ONLY))
			continue;
		try {
			await fn();
			passed++;
			console.log(`ok      ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
		} catch (e) {
			failed++;
			console.log(`FAILED  ${name}\n${e.stack}`);
		}
	}
	await finish?.();
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed > 0 || passed === 0 ? 1 : 0);
}
