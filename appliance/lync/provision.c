/* In-band provisioning ([MS-SIPREGE] 2.2.2.4, 2.2.2.5): what a client may do here, group by group.
 *
 * Voice, meetings by schedule and the address-book file are off: their back
 * ends are not here, and a client that is told of one asks it at once. */
#include "base/mem.h"
#include "codec/xml.h"
#include "codec/xmlw.h"
#include "directory/roster.h"

#include "lync/abook.h"
#include "lync/packages.h"
#include "lync/web.h"

#define CONTENT_TYPE STR("application/vnd-microsoft-roaming-provisioning-v2+xml")

struct pair {
	const char *name, *value;
};

/* How the values of a group are written: each its own element, or named properties in a wrapper. */
enum form { FORM_ELEMENTS, FORM_INSTANCE, FORM_LIST };

static const struct pair server_configuration[] = {
	{ "ucMaxVideoRateAllowed", "VGA-600K" },
	{ "dlxEnabled", "false" },
	/* Absent, pidgin-sipe takes encryption for required. */
	{ "ucPC2PCAVEncryption", "SupportEncryption" },
	{ "ucEnableSIPSecurityMode", "High" },
	{ "ucEnableUserLogging", "true" },
	{ "loggingLevel", "Medium" },
	{ "ucPortRangeEnabled", "false" },
	{ "qosEnabled", "false" },
	{ "enableBWPolicyCheck", "false" },
	{ "updatesServerEnabled", "false" },
	{ NULL, NULL },
};
static const struct pair meeting_policy[] = {
	{ "AllowIPAudio", "false" },
	{ "AllowIPVideo", "false" },
	{ "EnableDataCollaboration", "false" },
	{ "EnableAppDesktopSharing", "false" },
	{ "EnableP2PFileTransfer", "true" },
	{ "MeetingSize", "250" },
	{ NULL, NULL },
};
static const struct pair uc_policy[] = {
	{ "AllowSimultaneousRinging", "false" }, { "AllowCallForwarding", "false" },
	{ "EnableCallTransfer", "false" },	 { "EnableTeamCall", "false" },
	{ "EnableDelegation", "false" },	 { NULL, NULL },
};
static const struct pair user_setting[] = {
	{ "disableFileTransfer", "false" },
	{ NULL, NULL },
};
static const struct pair endpoint_configuration[] = {
	{ "EnableAppearOffline", "true" },
	{ "ShowRecentContacts", "true" },
	{ "DisableCalendarPresence", "true" },
	{ "EnableContactSync", "false" },
	{ "EnableIMAutoArchiving", "false" },
	{ "NotificationForNewSubscribers", "true" },
	{ "EnableExchangeDelegateSyncUp", "false" },
	{ "EnableSQMData", "false" },
	{ NULL, NULL },
};
static const struct pair media_configuration[] = {
	{ "bypassEnabled", "false" },
	{ NULL, NULL },
};
static const struct pair presence_policy[] = {
	{ "EnablePrivacyMode", "false" },
	{ "EnableLocationPrompt", "false" },
	{ "AutoInitiateContacts", "false" },
	{ "PublishLocationDataDefault", "false" },
	{ "DisplayPublishedPhotoDefault", "true" },
	{ "PersonalNoteHistoryDepth", "3" },
	{ NULL, NULL },
};
static const struct pair persistent_chat[] = {
	{ "EnablePersistentChat", "false" },
	{ NULL, NULL },
};

static const struct {
	const char *name;
	enum form form;
	const struct pair *values;
} groups[] = {
	{ "ServerConfiguration", FORM_ELEMENTS, server_configuration },
	{ "meetingPolicy", FORM_INSTANCE, meeting_policy },
	{ "ucPolicy", FORM_INSTANCE, uc_policy },
	{ "userSetting", FORM_ELEMENTS, user_setting },
	{ "endpointConfiguration", FORM_LIST, endpoint_configuration },
	{ "mediaConfiguration", FORM_LIST, media_configuration },
	{ "presencePolicyV2", FORM_LIST, presence_policy },
	{ "persistentChatConfiguration", FORM_LIST, persistent_chat },
};

static void write_property(struct xmlw *w, const char *name, struct str value)
{
	xmlw_start(w, "property");
	xmlw_attrz(w, "name", name);
	xmlw_text(w, value);
	xmlw_end(w);
}

/* The same for those inside and outside: there is one door. */
static void write_urls(struct lync *l, struct xmlw *w, const char *const names[], const char *path)
{
	struct buf url;

	buf_init(&url, URI_MAX);
	lync_web_base(l, &url);
	buf_addz(&url, path);
	for (size_t i = 0; names[i] != NULL; i++)
		xmlw_elem(w, names[i], buf_str(&url));
	buf_fini(&url);
}

static void write_address_book(struct lync *l, struct xmlw *w)
{
	static const char *const queries[] = { "abwqInternalUrl", "abwqExternalUrl",
					       "dlxInternalUrl", "dlxExternalUrl", NULL },
				 *const files[] = { "absInternalServerUrl", "absExternalServerUrl",
						    NULL };

	xmlw_elemz(w, "absWebServiceEnabled", l->cfg.web_port != 0 ? "true" : "false");
	if (l->cfg.web_port == 0)
		return;
	write_urls(l, w, files, PHOTOS_PATH);
	write_urls(l, w, queries, ABOOK_PATH);
}

/* What is not the same everywhere. */
static void write_own_values(struct lync *l, struct xmlw *w, const char *group,
			     const struct account *who)
{
	struct str domain = sip_stack_domain(l->cfg.stack);
	struct buf text;

	buf_init(&text, URI_MAX);
	if (str_eqz(str_of(group), "ServerConfiguration")) {
		write_address_book(l, w);
		xmlw_elem(w, "ucLocationProfile", domain);
		buf_addf(&text,
			 "sip:%.*s@%.*s;gruu;opaque=srvr:HomeServer:8JbZkJlyaFikmw6tZLxD4wAA",
			 STR_ARG(sip_stack_host(l->cfg.stack)), STR_ARG(domain));
		xmlw_elem(w, "poolUri", buf_str(&text));
		buf_reset(&text);
		lync_aor(l, who, &text); /* without it pidgin-sipe offers no conferences */
		buf_addz(&text, ";gruu;opaque=app:conf:focusfactory");
		xmlw_elem(w, "focusFactoryUri", buf_str(&text));
	} else if (str_eqz(str_of(group), "userSetting")) {
		xmlw_elem(w, "ucUserLocationProfile", domain);
	} else if (str_eqz(str_of(group), "endpointConfiguration")) {
		buf_add_u64(&text, roster_contacts_max(l->cfg.directory));
		write_property(w, "MaximumNumberOfContacts", buf_str(&text));
		if (l->cfg.web_port != 0) {
			write_property(w, "AbsUsage", STR("WebSearchOnly"));
			write_property(w, "PhotoUsage", STR("AllPhotos"));
			buf_reset(&text);
			buf_add_u64(&text, PHOTO_BYTES_MAX / 1024);
			write_property(w, "MaxPhotoSizeKB", buf_str(&text));
		}
	}
	buf_fini(&text);
}

static void write_group(struct lync *l, struct xmlw *w, size_t i, const struct account *who)
{
	xmlw_start(w, "provisionGroup");
	xmlw_attrz(w, "name", groups[i].name);
	if (groups[i].form != FORM_ELEMENTS)
		xmlw_start(w, groups[i].form == FORM_INSTANCE ? "instance" : "propertyEntryList");
	for (const struct pair *p = groups[i].values; p->name != NULL; p++) {
		if (groups[i].form == FORM_ELEMENTS)
			xmlw_elemz(w, p->name, p->value);
		else
			write_property(w, p->name, str_of(p->value));
	}
	write_own_values(l, w, groups[i].name, who);
	if (groups[i].form != FORM_ELEMENTS)
		xmlw_end(w);
	xmlw_end(w);
}

static void answer(struct lync *l, struct sip_txn *t, const struct xml_doc *doc)
{
	const struct xml_node *g = xml_child(doc->root, NULL, "provisioningGroup");
	const struct account *who = directory_get(l->cfg.directory, (account_id)sip_txn_account(t));
	struct xmlw w;
	struct buf b;

	buf_init(&b, SIP_BODY_MAX);
	xmlw_init(&w, &b);
	xmlw_start(&w, "provisionGroupList");
	xmlw_attrz(&w, "xmlns",
		   "http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification");
	for (; g != NULL; g = xml_next(g, NULL, "provisioningGroup"))
		for (size_t i = 0; i < ARRAY_LEN(groups); i++)
			if (str_eqz(xml_attr(g, "name"), groups[i].name))
				write_group(l, &w, i, who);
	xmlw_end_all(&w);
	lync_sub_answer_once(l, t, STR_NULL, CONTENT_TYPE, buf_str(&b));
	buf_fini(&b);
}

void lync_on_provisioning(struct lync *l, struct sip_txn *t)
{
	struct xml_doc doc;

	if (xml_decode(sip_txn_msg(t)->body, &doc) != E_OK) {
		lync_refuse(l, t, 400, 4001, "The body is not well-formed");
		return;
	}
	answer(l, t, &doc);
	xml_fini(&doc);
}
