/* licences.h: the notices that the licences of the linked libraries ask for. */
#ifndef APP_LICENCES_H
#define APP_LICENCES_H

extern const char licences_text[];

#endif
