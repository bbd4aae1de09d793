# Our sockets in MHD_add_connection() are always AF_UNIX pairs. Upstream leaves "is it non-IP" unknown, then tries
# TCP_NODELAY and TCP_CORK on them, logs EOPNOTSUPP three times a connection and wastes two system calls a reply.
/^MHD_add_connection (/,/^}/s/_MHD_UNKNOWN)/_MHD_YES)/
