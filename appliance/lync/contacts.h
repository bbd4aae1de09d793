/* contacts.h: the contact list as Lync-class clients see it; the list itself is directory/roster.h. */
#ifndef LYNC_CONTACTS_H
#define LYNC_CONTACTS_H

#include "directory/roster.h"
#include "lync/lync_int.h"

/* The directory's listener: every change goes to every Lync-class endpoint of the owner. */
void lync_contacts_changed(void *arg, const struct roster_event *e);

#endif
