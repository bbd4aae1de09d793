/* msg_int.h: what the two halves of the decoder share: msg.c cuts lines, msg_check.c reads values. */
#ifndef SIP_MSG_INT_H
#define SIP_MSG_INT_H

#include "sip/lex.h"
#include "sip/msg.h"

/* Sets the fault unless one is set: "what header" in the reason phrase. */
void sip_msg_fault(struct sip_msg *m, int code, const char *what, struct str header);
void sip_msg_check_ruri(struct sip_msg *m);
/* Fills the known fields from the header table; the first bad value becomes the fault. */
void sip_msg_interpret(struct sip_msg *m);

#endif
