// Line icons, 20 by 20, drawn for this; always beside words, so hidden from screen readers.
const paths = {
	dashboard: "M3 11.5 10 4l7 7.500M5 10v6.500h10V10M8.500 16.500v-4h3v4",
	users: "M7.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2 16.500c0-3 2.500-5 5.500-5s5.500 2 5.500 5M13 3.800a3 3 0 0 1 0 5.500M15 11.900c1.900.700 3 2.400 3 4.600",
	departments: "M7.500 3.500h5v4h-5zM2.500 12.500h5v4h-5zM12.500 12.500h5v4h-5zM10 7.500V10M5 12.500V10h10v2.500",
	groups: "M3 3.500h10v7H7.500L5 13v-2.500H3zM15 7h2v7h-2v2.500L12.500 14H8.500",
	endpoints: "M3 4.500h10v7H3zM6 14.500h4M8 11.500v3M14.500 8.500h3v8h-4v-2",
	records: "M3 4h14v9H9l-4 3.500V13H3zM6.500 7.200h7M6.500 9.900h4.500",
	admins: "M10 2.500 16 5v4.500c0 4-2.500 6.500-6 8-3.500-1.500-6-4-6-8V5zM7.500 9.800l1.900 1.900 3.300-3.700",
	keys: "M6.500 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M10 10h7.500M14.500 10v3M17 10v2",
	connecting: "M7 3v4M13 3v4M4.500 7h11v2.500a5.500 5.500 0 0 1-11 0zM10 15v3",
	certificates: "M10 11.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8M7.500 11v6.500l2.500-1.500 2.500 1.500V11",
	backup: "M3 5h14v3.500H3zM4.200 8.500v7h11.600v-7M8 11.500h4",
	settings: "M4 6h7M15 6h1M4 10h1M9 10h7M4 14h8M16 14h0M13 4.500v3M7 8.500v3M14 12.500v3",
	log: "M4 5h12M4 8.500h12M4 12h8M4 15.500h10",
	account: "M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M3.500 17c0-3.300 2.900-5.500 6.500-5.500s6.500 2.200 6.500 5.500",
	plus: "M10 4v12M4 10h12",
	search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11M13 13l4 4",
	close: "M5 5l10 10M15 5 5 15",
	menu: "M3 5.500h14M3 10h14M3 14.500h14",
	back: "M12 4.500 6.500 10l5.500 5.500",
	next: "M8 4.500 13.500 10 8 15.500",
	copy: "M7 7h9v9H7zM4 13V4h9",
	refresh: "M16 8a6.300 6.300 0 1 0 .3 4M16.500 3.500V8H12",
	download: "M10 3.500v9M6.500 9.500l3.500 3.500 3.500-3.500M4 16.500h12",
	upload: "M10 13V4M6.500 7.500 10 4l3.500 3.500M4 16.500h12",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
	return (
		<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
			<path d={paths[name]} />
		</svg>
	);
}

// States have a shape as well as a colour (WCAG 1.4.1).
const shapes = {
	good: <circle cx="6" cy="6" r="5" />,
	off: <circle cx="6" cy="6" r="4" class="hollow" />,
	stop: <path d="M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1M3.500 5.200h5v1.600h-5z" fill-rule="evenodd" />,
	warn: <path d="M6 .8 11.600 11H.4z" />,
	bad: <path d="M3.500.500h5l3 3v5l-3 3h-5l-3-3v-5z" />,
	info: <path d="M6 .300 11.700 6 6 11.700.300 6z" />,
};
export type Tone = keyof typeof shapes;

export function Shape({ tone }: { tone: Tone }) {
	return <svg class={"shape " + tone} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">{shapes[tone]}</svg>;
}

export function Badge({ tone, text }: { tone: Tone; text: string }) {
	return <span class={"badge " + tone}><Shape tone={tone} />{text}</span>;
}
