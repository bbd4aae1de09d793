/* libxml2_sax1.c: makes pidgin-sipe read XML on Debian 12.
 *
 * That release's libxml2 (2.9.14+dfsg-1.3~deb12u4 to u6 were tried) does not call startElement and endElement of
 * a handler whose "initialized" is XML_SAX2_MAGIC and that sets no *Ns callbacks: xmlSAXUserParseMemory returns 0
 * and nothing is parsed.  pidgin-sipe reads every body that way, so it would sign in and then ignore contacts,
 * presence, typing and conferences.  This function stands before libxml2's (the driver is linked with -rdynamic)
 * and hands on a copy of the handler marked as plain SAX1, which works there and changes nothing elsewhere. */
#include <dlfcn.h>
#include <libxml/parser.h>

int xmlSAXUserParseMemory(xmlSAXHandlerPtr sax, void *user_data, const char *bytes, int size)
{
	static int (*next)(xmlSAXHandlerPtr, void *, const char *, int);
	xmlSAXHandler copy;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "xmlSAXUserParseMemory");
	if (sax != NULL && sax->initialized == XML_SAX2_MAGIC && sax->startElement != NULL &&
	    sax->startElementNs == NULL && sax->endElementNs == NULL) {
		copy = *sax;
		copy.initialized = 1;
		sax = &copy;
	}
	return next(sax, user_data, bytes, size);
}
