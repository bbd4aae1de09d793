// What /api/v1 answers (webadmin/api/openapi.yaml).  Times are Unix milliseconds.

export interface User {
	id: number;
	name: string;
	address: string;
	display: string | null;
	email: string | null;
	department: string | null;
	title: string | null;
	phone: string | null;
	enabled: boolean;
	created_ms: number;
	password_set_ms: number | null;
	last_sign_in_ms: number | null;
	endpoints: number;
	password?: string;
}

export type Level = "blocked" | "public" | "colleagues" | "team" | "personal";

export interface Access { user: string; level: Level }

export interface Department { id: number; name: string; users: number }

export interface Admin {
	name: string;
	created_ms: number;
	last_sign_in_ms: number | null;
	has_password?: boolean;
	has_totp?: boolean;
	link?: string;
}

export interface ApiKey {
	id: number;
	name: string;
	may_change: boolean;
	created_ms: number;
	expires_ms: number | null;
	last_used_ms: number | null;
	key?: string;
}

export interface Certificate {
	subject: string;
	issuer: string;
	names: string[];
	not_before_ms: number;
	not_after_ms: number;
	serial: string;
	fingerprint_sha256: string;
	key: string;
	own_authority: boolean;
}

export interface Job {
	id: string;
	kind: "backup" | "check";
	state: "copying" | "checking" | "sealing" | "done" | "failed";
	percent: number;
	bytes: number | null;
	message: string | null;
}

export interface Participant {
	user: string;
	uri: string;
	sent: number;
	received: number;
	client: string | null;
	dialect: string | null;
	joined_ms?: number;
	left_ms?: number | null;
}

export interface ConversationRecord {
	id: number;
	kind: string;
	started_ms: number;
	ended_ms: number | null;
	messages: number;
	failures?: number;
	result: number;
	who: string[];
	participants: Participant[];
}

export interface Endpoint {
	id: string;
	user: string | null;
	address: string | null;
	tls: string | null;
	client: string | null;
	dialect: string;
	since_ms: number;
	expires_ms: number | null;
}

export type Role = "attendee" | "presenter";

export interface GroupMember { user: string | null; role: Role; organizer: boolean; joined_ms: number; endpoints: number }

export interface Group {
	id: number;
	name: string;
	address: string;
	subject: string | null;
	kind: "standing" | "ad-hoc";
	access: "open" | "closed";
	locked: boolean;
	organizer: string | null;
	members: number;
	created_ms: number;
	roster?: GroupMember[];
}

// What a Lync-class client signs in with in place of the password; device is what the client calls its machine.
export interface ClientCertificate { id: string; device: string; created_ms: number; not_after_ms: number }

export interface Settings {
	domain: string;
	host: string;
	offline_days: number;
	record_days: number;
	audit_days: number;
	ntlm: boolean;
	ntlm_web: boolean;
	time_zone: string;
}

export interface Status {
	healthy: boolean;
	reasons: string[];
	domain: string | null;
	host: string | null;
	sip_port: number;
	version: string;
	started_ms: number;
	users: number;
	users_signed_in: number;
	endpoints: number;
	conversations: number;
	messages: number;
	messages_waiting: number;
	certificate_not_after_ms: number | null;
	database: {
		file_bytes: number;
		wal_bytes: number;
		checkpoint_ms: number | null;
		copies_complete_to_ms: number | null; /* null: copies made now hold everything */
		disk_full: boolean;
		plain_copies_safe: boolean;
	};
}

export interface LogLine { seq: number; at_ms: number; level: string; text: string }
