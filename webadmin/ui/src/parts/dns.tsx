// The DNS records that let clients find the server: RFC 3263 ones, and those Lync-class clients ask for.
import { t } from "../core/i18n";
import { Copy } from "./page";
import { Table } from "./table";

interface DnsRecord { name: string; type: string; value: string; why: string }

// Where clients sign in: in every record and every client's settings.
export interface Place { domain: string; host: string; port: number }

export function dnsRecords({ domain, host, port }: Place): DnsRecord[] {
	const list: DnsRecord[] = [
		{ name: host, type: "A, AAAA", value: t("dnsOwnAddress"), why: t("dnsWhyHost") },
		{ name: `_sips._tcp.${domain}`, type: "SRV", value: `0 0 ${port} ${host}`, why: t("dnsWhySip") },
		{ name: `_sip._tls.${domain}`, type: "SRV", value: `0 0 ${port} ${host}`, why: t("dnsWhyOutside") },
		{ name: `_sipinternaltls._tcp.${domain}`, type: "SRV", value: `0 0 ${port} ${host}`, why: t("dnsWhyLync") },
	];

	for (const n of ["sip", "lyncdiscover", "lyncdiscoverinternal"])
		if (`${n}.${domain}` !== host)
			list.push({ name: `${n}.${domain}`, type: "CNAME", value: host, why: t(n === "sip" ? "dnsWhySipName" : "dnsWhyDiscover") });
	return list;
}

// A long name breaks behind its dots.
function Dotted({ name }: { name: string }) {
	return <>{name.split(/(?<=\.)/).map((s) => <>{s}<wbr /></>)}</>;
}

export function DnsTable({ place }: { place: Place }) {
	const records = dnsRecords(place);
	const zone = records.filter((r) => r.type !== "A, AAAA").map((r) => `${r.name}. ${r.type} ${r.value}.`).join("\n");

	return (
		<>
			<Table caption={t("dnsTitle")} rows={records} rowKey={(r) => r.name} columns={[
				{ head: t("dnsName"), kind: "code", cell: (r) => <Dotted name={r.name} /> },
				{ head: t("dnsType"), cell: (r) => r.type },
				{ head: t("dnsValue"), kind: "code", cell: (r) => <Dotted name={r.value} /> },
				{ head: t("dnsWhy"), cell: (r) => r.why },
			]} />
			<p class="actions"><Copy value={zone} what={t("dnsTitle")} /></p>
		</>
	);
}
