// build.mjs WORK OUT: bundles WORK/src into OUT and copies the static files beside it.
//
// WORK holds symbolic links to src, static and node_modules (the Makefile makes them), so that the packages stay in the
// download cache and the source tree stays clean.  The same sources give the same bytes: names carry no hash or time,
// the server answers with an ETag instead.
import { createRequire } from "node:module";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

// design: the first page stays below 100 KB compressed, everything it loads counted.
const FIRST_PAGE_BYTES_MAX = 100 * 1024;

const [work, out] = process.argv.slice(2).map((p) => resolve(p));
const { build } = createRequire(join(work, "node_modules", "x.js"))("esbuild");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
cpSync(join(work, "static"), out, { recursive: true, dereference: true });
await build({
	absWorkingDir: work,
	entryPoints: { app: "src/main.tsx", theme: "src/theme-first.ts", style: "src/style/style.css" },
	outdir: out,
	bundle: true,
	minify: true,
	format: "iife",
	target: ["chrome109", "firefox115", "safari16"],
	jsx: "automatic",
	jsxImportSource: "preact",
	preserveSymlinks: true,
	charset: "utf8",
	legalComments: "none",
	logLevel: "warning",
});

const bytes = ["index.html", "theme.js", "app.js", "style.css", "icon.svg"]
	.reduce((sum, f) => sum + gzipSync(readFileSync(join(out, f)), { level: 9 }).length, 0);
if (bytes > FIRST_PAGE_BYTES_MAX) {
	console.error(`ui: the first page is ${bytes} bytes compressed, more than ${FIRST_PAGE_BYTES_MAX}`);
	process.exit(1);
}
