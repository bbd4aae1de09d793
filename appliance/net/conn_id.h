/* conn_id.h: the name of one connection, the only thing kept across asynchrony.
 *
 * 0 names none.  An id is never reused: after the end of its connection every
 * lookup says "gone". */
#ifndef NET_CONN_ID_H
#define NET_CONN_ID_H

#include <stdint.h>

typedef uint64_t conn_id;

#endif
