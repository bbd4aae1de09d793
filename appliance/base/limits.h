/* limits.h: every cap and time-out of the server, each with its reason.
 *
 * Bytes unless the name says otherwise; _MS milliseconds, _S seconds.  A cap
 * is reported (log and /metrics) where it is hit. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* --- base --- */
#define LOG_RING_LINES 5000   /* what the admin page shows after the fact */
#define LOG_LINE_MAX 1024     /* a line a person can still read */
#define LOG_PEER_TEXT_MAX 128 /* enough to recognise a header, too little to flood the log */

/* --- codec --- */
/* a GRUU with a temporary part is under 300 bytes; RFC 4475 longreq has 3 KiB */
#define URI_MAX 4096
#define URI_PARAMS_MAX 32	    /* the most seen from a client: 7 */
#define MIME_PARTS_MAX 16	    /* a roaming-data NOTIFY has 5 */
#define MIME_BOUNDARY_MAX 70	    /* RFC 2046 5.1.1 */
#define MIME_HEADERS_MAX 64	    /* lines in the head of one part */
#define CPIM_HEADERS_MAX 64	    /* lines in each of the two blocks */
#define XML_BYTES_MAX (1024 * 1024) /* a SOAP contact list of 250 with notes is under 300 KiB */
#define XML_DEPTH_MAX 48	    /* deepest seen: 14, a C3P roster inside SOAP */
#define XML_NODES_MAX 40000	    /* elements; times 200 bytes that is XML_ARENA_MAX */
#define XML_ATTRS_MAX 64	    /* of one element */
#define XML_ARENA_MAX (8 * 1024 * 1024)
#define INFLATE_RATIO_FREE (64 * 1024) /* small bodies may be as repetitive as they like */
#define INFLATE_RATIO_MAX 100 /* XML of ours compresses 1:20; deflate's own limit is 1:1032 */

/* --- crypto --- */
/* with the throttle, out of reach of guessing over the network */
#define PASSWORD_MIN_CHARS 10
#define PASSWORD_MAX 256 /* bytes; hashing must not become a lever for load */
/* with the next: OWASP's argon2id profile; 20-40 ms on a small box */
#define PWHASH_MEM_KIB 19456
#define PWHASH_PASSES 2
/* of a stored hash or sealed file: both may come from elsewhere */
#define PWHASH_MEM_KIB_MAX (256 * 1024)
#define PWHASH_PASSES_MAX 16
#define SEAL_MEM_KIB (64 * 1024) /* guessed offline, so dearer than a sign-in */
#define SEAL_PASSES 3
#define X509_PEM_MAX (128 * 1024) /* a chain of ten with RSA-4096 keys is 25 KiB */
/* certificates in one import; mbedTLS itself stops at 8 intermediates */
#define X509_CHAIN_MAX 10
#define X509_NAMES_MAX 64 /* names and addresses in one certificate we make */
#define X509_CA_DAYS 3650
#define X509_CLIENT_DAYS 180 /* as Lync gives them; clients renew them before */
#define X509_DER_MAX 16384   /* of one we make: as many names as X509_NAMES_MAX */
#define X509_SERVER_DAYS 397 /* browsers refuse 399 and more */

/* --- sip --- */
#define SIP_MSG_MAX_UNAUTH (16 * 1024) /* a REGISTER with credentials is under 4 KiB */
/* longest head seen from a client: 6 KiB; RFC 4475 longreq: 5 KiB */
#define SIP_HEAD_MAX (32 * 1024)
#define SIP_BODY_MAX (256 * 1024)  /* 128 KiB texts inside CPIM and multipart fit */
#define SIP_HEADERS_MAX 256	   /* lines in one head */
#define SIP_MAX_FORWARDS 70	   /* RFC 3261 8.1.1.6 */
#define SIP_ADAPTERS_MAX 4	   /* dialects */
#define SIP_ACCOUNTS_PER_CONN 8	   /* one client with several accounts on one flow */
#define SIP_ARENA_MAX (128 * 1024) /* header table and address lists of one message */
#define SIP_OUT_MAX (320 * 1024)   /* one encoded message: head and body */
/* targets of one request: twice what one account may have signed in */
#define SIP_FORK_MAX 16
#define SIP_LISTED_MAX 64		 /* addresses in one Contact, Route or Record-Route set */
#define SIP_T1_MS 500			 /* RFC 3261 17.1.1.1 */
#define SIP_TXN_LIFE_MS (64 * SIP_T1_MS) /* Timers B, F, H, J, L and M */
#define SIP_INVITE_WAIT_MS 180000	 /* Timer C (RFC 3261 16.6): a phone may ring so long */
/* a handler that has no answer by then has lost the request: 500 */
#define SIP_TXN_SILENT_MS 40000
#define SIP_TXNS_PER_CONN 256 /* requests waiting for our answer; the next gets 503 */
#define SIP_TXNS_PER_CONN_UNAUTH 8
/* answers kept for requests that come twice; more would only push others out of the cache */
#define SIP_TXNS_DONE_PER_CONN 3
#define SIP_TXN_ANSWER_MAX (16 * 1024) /* a longer answer is not kept */
#define SIP_CLIENT_TXNS_PER_CONN 1024  /* NOTIFYs to a client that reads but does not answer */
/* cost units a signed-in connection may spend at once: 250 contacts, kept messages */
#define SIP_FLOOD_BURST 2000
#define SIP_FLOOD_PER_S 500	  /* and for ever after; no person's client comes near */
#define SIP_FLOOD_BURST_UNAUTH 60 /* eight accounts signing in, with retries */
#define SIP_FLOOD_PER_S_UNAUTH 10
#define SIP_FLOOD_REFUSALS_MAX 1000 /* 503s to one connection before it is closed */
/* malformed messages from one connection before it is closed */
#define SIP_BAD_MESSAGES_MAX 100
/* 250 contacts watched one by one by each of eight accounts of one client */
#define SIP_SUBS_PER_CONN 2000
#define SIP_FLOW_TIMER_S 120 /* RFC 5626 4.4.1: the client pings this often */
/* bound to its connection and its counts, so long is safe; saves a round trip per refresh */
#define SIP_NONCE_LIFE_MS (3600 * 1000)
#define SIP_NONCES_MAX 16384		  /* nonces in use remembered; 64 bytes each */
#define SIP_OFFERS_MAX 4096		  /* clients whose challenge is under way; 24 bytes each */
#define SIP_OFFER_MEMORY_MS (3600 * 1000) /* then an unknown client is offered SHA-256 again */

/* --- immcu --- */
#define IM_BODY_MAX (128 * 1024)      /* within one dialect */
#define IM_BODY_CROSS_MAX (64 * 1024) /* between dialects */
/* then the text goes to the offline store and the sender gets 202 */
#define IM_DELIVERY_WAIT_MS 8000
#define IM_OFFLINE_KEEP_S (30 * 86400)
#define IM_PAGER_SILENCE_MS (600 * 1000) /* a pager-mode conversation ends */
/* texts on their way: 8 s of 64 texts of 128 KiB a second */
#define IM_LIVE_BYTES_MAX (64 * 1024 * 1024)
/* waiting for one account: 160 a day for the time they are kept */
#define IM_OFFLINE_TEXTS_MAX 5000
#define IM_OFFLINE_BYTES_MAX (64 * 1024 * 1024) /* of one account */
/* stored texts read at once: 2 MiB at most in memory per account */
#define IM_OFFLINE_PAGE 8
#define IM_BACKLOG_RETRY_MS 60000 /* a client that took no stored text is asked again */
/* deleting a delivered text failed: the disk is asked again */
#define IM_ROW_RETRY_MS 5000
#define IM_RETRY_AFTER_S 30 /* told to a sender whose text the disk did not take */
/* changes of one record gathered; with STORE_SOON_MS under a second */
#define IM_RECORD_FLUSH_MS 500
/* records handed over at once: 0.1 ms of copying, 1 ms of the store */
#define IM_RECORD_BATCH 128
#define IM_DISCLAIMER_MAX 2000 /* bytes: a paragraph in any script */
/* what is added to one text: a warning, the disclaimer, a line of ours */
#define IM_SAID_MAX (3 * IM_DISCLAIMER_MAX)
#define FILTER_LIST_MAX 4096 /* hosts or extensions of one list */
/* a standing one for every fourth account, and what is ad hoc */
#define GROUPS_MAX 5000
#define GROUP_MEMBERS_MAX 250
#define GROUP_LEGS_PER_MEMBER ENDPOINTS_PER_ACCOUNT
#define GROUP_SHAPES_MAX 4		 /* ways one dialect writes the same text */
#define GROUP_SUBJECT_MAX 256		 /* bytes */
#define GROUP_RENDERING_MAX (320 * 1024) /* a text of IM_BODY_MAX, wrapped and escaped */
#define GROUP_HISTORY_TEXTS 200		 /* kept for who comes back */
/* of one group, whatever their number; the newest one stays */
#define GROUP_HISTORY_BYTES (256 * 1024)
#define GROUP_JOIN_REPLAY 20 /* texts shown to a new member of a standing group */
/* changes a subscriber may have missed before it is told all */
#define GROUP_EVENTS_KEPT 64
#define GROUP_IDLE_MS (3600 * 1000) /* an ad-hoc group without a text ends */
#define GROUP_EMPTY_MS (600 * 1000) /* or without a member */
/* the keep-alive of Lync-class clients: who lost the connection is back by then */
#define GROUP_REJOIN_MS (300 * 1000)
#define GROUP_REPORT_MS 32000 /* Timer F: then the author hears who did not get it */
#define GROUP_FAILURES_MAX 32 /* named in one report */
#define GROUP_FLOOD_BURST 100 /* texts of one sender in one group at once: pasted lines */
#define GROUP_FLOOD_PER_S 25  /* and for ever after */
#define GROUP_TURN_COPIES 64  /* copies encoded in one slice: about 1 ms */
/* Linphone subscribes to the rooms it knows within a second of its REGISTER */
#define FOCUS_RESUME_MS 6000
#define FOCUS_INVITE_MS 32000 /* a room client answers by itself */
#define FOCUS_REJOINS_MAX 2   /* a client that goes on forgetting its room is let be */
/* members up to which each one's delivery is told to the author */
#define FOCUS_RECEIPTS_MAX 50
#define FOCUS_PENDING_MAX 32   /* texts of one device whose delivery is still to be told */
#define FOCUS_TURN_NOTIFIES 16 /* roster documents in one slice: about 1 ms */
#define GROUP_SAVE_MS 500      /* changes of one group gathered for the disk */

/* --- registrar --- */
#define ENDPOINTS_PER_ACCOUNT 8
#define REGISTRAR_LISTENERS_MAX 8 /* rooms that hear of sign-ins */
/* clients of one account that made room for another: remembered */
#define REG_YIELDED_MAX ENDPOINTS_PER_ACCOUNT
#define REG_YIELDED_MS (3600 * 1000) /* so long; one that still tries then is used by somebody */
#define REG_EXPIRES_MIN_S 60
#define REG_EXPIRES_DEFAULT_S 600
#define REG_EXPIRES_MAX_S 3600

/* --- lync --- */
#define NTLM_TOKEN_MAX 4096	   /* a Windows client's with every AV pair is under 1 KiB */
#define NTLM_SKEW_WARN_S (15 * 60) /* genuine clients complain from here on */
/* [MS-SIPAE]: clients prove themselves again a little earlier */
#define SA_LIFE_MS (8LL * 3600 * 1000)
#define LYNC_REG_EXPIRES_S 7200 /* as OCS grants; a dead connection is noticed by itself */
#define LYNC_KEEP_ALIVE_S 300
#define LYNC_EPID_MAX 64	 /* seen: 10 and 12 hex digits */
#define LYNC_REFUSALS_MAX 4	 /* requests a client sent before it saw the first 401 */
#define LYNC_SUB_EXPIRES_S 28800 /* eight hours; clients renew two minutes before */
#define LYNC_SUB_GRACE_S 300	 /* and may be late */
#define LYNC_SUBS_PER_CONN 64	 /* seen: 4, and one per contact in the older way of asking */
/* published by one person: 8 endpoints of some 20, and what stays */
#define LYNC_INSTANCES_MAX 512
#define LYNC_CATEGORY_MAX (8 * 1024) /* of one instance; free/busy of a month is 3 KiB */
#define LYNC_CATEGORY_NAME_MAX 64
#define PUBLICATIONS_MAX 64 /* in one request; seen: 11 */
#define SELF_NAMES_MAX 64   /* kinds of categories of one person */
/* within the next: then the client is in a loop, and is let through */
#define LYNC_CONFLICTS_MAX 3
#define LYNC_CONFLICT_WINDOW_MS 10000
#define LYNC_MEMBER_CHANGES_MAX 256 /* in one request */
#define LYNC_SEARCH_MAX 100	    /* rows of one search */
/* of a handshake inside SIP: two certificates and little more */
#define DSK_TRANSCRIPT_MAX (16 * 1024)
#define DSK_CERTS_PER_ACCOUNT 16 /* one per machine; the oldest goes */
/* to fetch a ticket and a certificate over HTTPS meanwhile */
#define DSK_SIGN_IN_MS (150 * 1000)
#define LYNC_TICKET_MS (8LL * 3600 * 1000) /* a web ticket's life */
#define LYNC_TICKETS_MAX 8192		   /* about 1 MiB; the oldest goes */
#define WEB_CHALLENGE_MS 60000		   /* between NTLM's challenge and answer over HTTP */
#define WEB_CHALLENGES_MAX 1024
#define LYNC_WEB_BODY_MAX (64 * 1024) /* a certificate request with its ticket is under 16 KiB */
#define DSK_CERT_MAX 4096	      /* one certificate; RSA-2048 with long names is 1.5 KiB */

/* --- net --- */
#define NET_FIRST_REQUEST_MS 10000 /* from the end of the handshake to the first complete request */
#define NET_SIGN_IN_MS 30000	   /* to finish Digest or NTLM */
#define NET_HANDSHAKE_MS 10000	   /* a handshake takes 3 round trips; 10 s is a bad mobile link */
#define NET_CONNS_MAX 20000	   /* 8 endpoints for 2,500 people, or 4 for 5,000 */
#define TRIM_LOOK_MS 20000	   /* for memory to give back after many have come or gone */
#define TRIM_QUIET_LOOKS 3	   /* a minute: longer than transactions keep their answers */
#define TRIM_ENDPOINTS 64	   /* so many more or fewer; a few MiB */
/* the whole of a reconnect storm that the doors can let in at once */
#define NET_UNAUTH_MAX 2048
/* an office of 500 behind one NAT comes back after a power cut */
#define NET_UNAUTH_PER_SOURCE 512
#define NET_HANDSHAKES_PER_DOOR 1024 /* about 50 MiB of handshake state */
/* a reconnect storm waits in the kernel, not in retransmissions */
#define NET_LISTEN_BACKLOG 4096
/* one message of SIP_MSG_MAX_UNAUTH and what one read adds */
#define NET_INPUT_MAX_UNAUTH (32 * 1024)
#define NET_INPUT_MAX (384 * 1024)	  /* SIP_HEAD_MAX + SIP_BODY_MAX and what one read adds */
#define NET_OUTPUT_MAX_UNAUTH (64 * 1024) /* challenges are under 2 KiB */
/* a sign-in with 250 contacts and kept messages, on a slow link */
#define NET_OUTPUT_MAX (2 * 1024 * 1024)
/* bytes per connection and visit; a flooder then queues behind the others */
#define NET_READ_MAX (16 * 1024)
#define NET_DRAIN_MS 5000 /* to take the last bytes of a connection we close */
/* to see our FIN; a reset before would destroy the last answer */
#define NET_LINGER_MS 2000
#define NET_IDLE_TRIM_MS 30000	/* then a connection's buffer pages go back to the kernel */
#define NET_KEEPALIVE_IDLE_S 60 /* with the next two: a silent peer is gone after 105 s */
#define NET_KEEPALIVE_INTVL_S 15
#define NET_KEEPALIVE_COUNT 3
#define NET_USER_TIMEOUT_MS 30000 /* unacknowledged output: the peer is gone */
#define NET_TURN_WORK_US 1000	  /* of a turn for reading and deferred work */
/* then writing stops too: no turn of the switch lasts over 2 ms */
#define NET_TURN_MAX_US 1800
/* a client that was here yesterday resumes; keys rotate as often */
#define NET_TICKET_LIFETIME_S 86400
/* 1,024 argon2 jobs are about 40 s of work: later ones are told to retry */
#define WORKER_QUEUE_MAX 1024
/* failures are forgotten after a quarter of an hour without one */
#define THROTTLE_WINDOW_MS (15 * 60 * 1000)
#define THROTTLE_PAIR_FREE 5	  /* typing errors, and clients that try twice per click */
#define THROTTLE_WAIT_MIN_MS 1000 /* doubles per further failure */
#define THROTTLE_WAIT_MAX_MS (15 * 60 * 1000) /* 96 guesses a day and pair */
/* failures of one account from anywhere, before strange sources wait */
#define THROTTLE_ACCOUNT_FREE 30
/* distinct accounts failing from one source: no office has so many typing errors at once */
#define THROTTLE_SOURCE_ACCOUNTS 20
/* per failure beyond those two: a guess in 30 s for a whole botnet */
#define THROTTLE_SPREAD_WAIT_MS 30000
#define THROTTLE_GOOD_MS (30LL * 86400 * 1000) /* an account's own places are remembered a month */
#define THROTTLE_ENTRIES_MAX 65536	       /* 8 MiB; the longest untouched goes first */

/* --- presence --- */
/* 8 endpoints of 8 facets each; a client that needs more is broken */
#define PRESENCE_FACETS_MAX 64
#define PRESENCE_NOTE_MAX 2000 /* bytes: the 500 characters of Lync, in any script */
/* explicit choices of one person: everyone in a contact list, and more */
#define ACCESS_ENTRIES_MAX 1000
#define PRESENCE_WATCHERS_MAX 5000 /* of one person: the whole office */
#define PRESENCE_WATCHES_MAX 10000 /* by one account: LIST_OWN_MAX on each of eight endpoints */
/* a note of 2,000 bytes, escaped, and all else a document can hold */
#define PRESENCE_RENDERING_MAX (16 * 1024)
/* about 1 ms of encoding and encryption between looks at the clock */
#define PRESENCE_NOTIFY_PER_SLICE 64

/* --- simple --- */
#define PUBLISH_EXPIRES_MIN_S 60       /* baresip asks for no more */
#define PUBLISH_EXPIRES_DEFAULT_S 3600 /* RFC 3903 6 leaves it to us; RFC 3856 6.4 says an hour */
#define PUBLISH_EXPIRES_MAX_S 3600
#define PUBLICATIONS_PER_ACCOUNT 16 /* two from each of eight endpoints */
#define SUBSCRIBE_EXPIRES_MIN_S 60
#define SUBSCRIBE_EXPIRES_DEFAULT_S 3600 /* RFC 3856 6.4 */
#define SUBSCRIBE_EXPIRES_MAX_S 3600
#define PRESENCE_BODY_MAX (64 * 1024) /* a list of 250 addresses is under 20 KiB */
/* people in a list that a client sends, and states in one NOTIFY, which then fits */
#define LIST_ENTRIES_MAX 250

/* --- call --- */
/* SDP with many candidates is under 8 KiB; REFER and INFO bodies are smaller */
#define CALL_BODY_MAX (64 * 1024)
/* begun by one person and not over; a busy switchboard holds a dozen */
#define CALLS_PER_ACCOUNT_MAX 32
/* a client that changes its network is back in seconds; media may have gone on */
#define CALL_LOST_MS 30000

/* --- db --- */
/* operations of one commit; with the commit the store holds itself about 20 ms */
#define STORE_GROUP_US 15000
#define STORE_GROUP_OPS 1024 /* and no more than these, however short they are */
/* what may wait a second waits so long for company, records having waited already */
#define STORE_SOON_MS 400
/* an administrator's query; then it is told to ask for less */
#define STORE_QUERY_MS 250
/* durable operations waiting behind a full group: checkpoints then wait longer */
#define STORE_BUSY_OPS 256
#define STORE_CHECKPOINT_MS 2000 /* a plain copy lacks at most this and a little more */
#define STORE_CHECKPOINT_BUSY_MS 10000
#define STORE_CHECKPOINT_RETRY_MS 50	/* while somebody has the file open; one system call each */
#define STORE_CHECKPOINT_FAILED_MS 1000 /* after an error of the disk */
/* copying 10 GB takes so long; more is a program that forgot to close */
#define STORE_POSTPONED_WARN_MS 60000
#define STORE_STOP_CHECKPOINT_MS 1500 /* at the stop; then the WAL stays */
#define STORE_WAL_WARN_BYTES (64 * 1024 * 1024)
#define STORE_PROBE_MS 5000 /* while writes fail, and nobody else tries */
#define STORE_SLICE_US 8000 /* of a backup, between two commits */
#define STORE_SWEEP_MS (10 * 60 * 1000)
#define STORE_SWEEP_ROWS 500  /* deleted in one turn */
#define STORE_SWEEP_PAGES 256 /* given back to the file system in one turn */
/* a file up to this size is checked at every start: 0.2 s */
#define STORE_CHECK_BYTES (64 * 1024 * 1024)
#define STORE_CACHE_KIB 16384	/* the index pages of a big archive */
#define DB_LIST_MAX 500		/* rows of one page of a list */
#define DB_PARTICIPANTS_MAX 300 /* in one record: a conference of 250, and who left */
#define RECORD_KEEP_DAYS 60	/* the setting records.keep_days replaces it */
#define AUDIT_KEEP_DAYS 730	/* the setting audit.keep_days replaces it */

/* --- http --- */
#define HTTP_REPLY_MS 30000 /* a handler that has no answer by then gets 503 in its place */
#define HTTP_IDLE_MS 60000  /* keep-alive of an idle browser connection */
#define HTTP_DRAIN_MS 3000  /* at stop: for handlers that still work */
/* two descriptors and 48 KiB each; a dozen administrators use six each */
#define HTTP_CONNS_MAX 512
/* without TLS: a redirect each; they must not keep administrators out */
#define HTTP_PLAIN_MAX 64
#define HTTP_CONN_MEMORY (32 * 1024) /* head and bookkeeping of one request inside libmicrohttpd */
/* decoded target, principal, and the fields of the largest JSON body twice */
#define HTTP_ARENA_MAX (512 * 1024)
#define HTTP_BODY_SMALL (64 * 1024) /* JSON of a form */
/* CSV of 5,000 people with photos left out; certificate chains */
#define HTTP_BODY_LARGE (4 * 1024 * 1024)
#define HTTP_PIPE_BUF (16 * 1024)	  /* one TLS record each way */
#define SESSION_IDLE_MS (30 * 60 * 1000)  /* an administrator who left the desk */
#define SESSION_MAX_MS (12 * 3600 * 1000) /* a working day; then sign in again */
/* how old a use in the file may be: one write a minute and session */
#define SESSION_NOTE_MS (60 * 1000)
#define API_AGENT_MAX 128		 /* bytes of a User-Agent that are kept */
#define SESSIONS_PER_ADMIN 8		 /* desk, laptop, phone, and what was not signed out */
#define API_KEYS_MAX 64			 /* programs, not people */
#define API_LINK_MS (30 * 60 * 1000)	 /* a one-time link is used at once or sent again */
#define API_JOB_KEEP_MS (10 * 60 * 1000) /* a finished backup waits this long to be fetched */
#define API_PAGE_MAX 200		 /* rows of one answer */
#define API_IMPORT_ROWS 5000		 /* the size one machine is made for */
/* argon2 of one password takes 40 ms, on a slow machine four times that */
#define API_IMPORT_MS_PER_ROW 200

/* --- directory --- */
#define DIRECTORY_LISTENERS_MAX 8 /* rooms that hear of changes */
#define ACCOUNTS_MAX 20000	  /* four times what one box is built for */
#define DEPARTMENTS_MAX 1000
#define ACCOUNT_NAME_MAX 64	    /* the user part of an address */
#define ACCOUNT_TEXT_MAX 256	    /* bytes of a display name, title, e-mail address ... */
#define PHOTO_BYTES_MAX (30 * 1024) /* what clients of the Lync family take */
#define ROSTER_CONTACTS_DEFAULT 250 /* of one list; the setting contacts_max replaces it */
/* and may say so much: eight endpoints of one account then watch 8,000 */
#define ROSTER_CONTACTS_MAX 1000
/* ids are 1 to 64 in Lync's schema, and 64 is the department's */
#define ROSTER_GROUPS_MAX 63
/* a larger department is no group of a list: nobody reads it */
#define ROSTER_DEPARTMENT_MAX 250
/* a contact list watched as a whole */
#define LIST_OWN_MAX (ROSTER_CONTACTS_MAX + ROSTER_DEPARTMENT_MAX)
#define ROSTER_URI_MAX 454 /* MS-SIP 9.1, as the next two */
#define ROSTER_NAME_MAX 256
#define ROSTER_OPAQUE_MAX 1024
/* of one change: a list of ROSTER_CONTACTS_MAX replaced as a whole */
#define ROSTER_OPS_MAX 2200
/* unanswered "added you" notices of one person, as Lync's policy has it */
#define SUBSCRIBERS_MAX 200

#endif
