/* linphone_room.c: group chats that a conference factory hosts. */
#include <string.h>

#include "linphone.h"

/* --- what happens ---------------------------------------------------------------------------- */

static void report_participant(LinphoneChatRoom *room, const LinphoneEventLog *log,
			       const char *name)
{
	char *peer = address_text(linphone_chat_room_get_peer_address(room));
	char *who = address_text(linphone_event_log_get_participant_address(log));

	event(name, "s:room", peer, "s:who", who, NULL);
	bctbx_free(peer);
	bctbx_free(who);
}

static void on_added(LinphoneChatRoom *room, const LinphoneEventLog *log)
{
	report_participant(room, log, "chat-user-joined");
}

static void on_removed(LinphoneChatRoom *room, const LinphoneEventLog *log)
{
	report_participant(room, log, "chat-user-left");
}

static void on_subject(LinphoneChatRoom *room, const LinphoneEventLog *log)
{
	char *peer = address_text(linphone_chat_room_get_peer_address(room));

	event("chat-topic", "s:room", peer, "s:topic", linphone_event_log_get_subject(log), NULL);
	bctbx_free(peer);
}

static void watch_room(LinphoneChatRoom *room)
{
	LinphoneChatRoomCbs *cbs = linphone_factory_create_chat_room_cbs(linphone_factory_get());

	linphone_chat_room_cbs_set_participant_added(cbs, on_added);
	linphone_chat_room_cbs_set_participant_removed(cbs, on_removed);
	linphone_chat_room_cbs_set_subject_changed(cbs, on_subject);
	linphone_chat_room_add_callbacks(room, cbs);
	linphone_chat_room_cbs_unref(cbs);
}

static void on_room(LinphoneCore *core, LinphoneChatRoom *room, LinphoneChatRoomState state)
{
	static const char *const names[] = {
		"none",	      "instantiated",	    "creation-pending",
		"created",    "creation-failed",    "termination-pending",
		"terminated", "termination-failed", "deleted"
	};
	char *peer = address_text(linphone_chat_room_get_peer_address(room));

	(void)core;
	if (state == LinphoneChatRoomStateInstantiated)
		watch_room(room);
	event("chat-room", "s:room", peer, "b:group", chat_is_group(room), "s:state",
	      (unsigned)state < G_N_ELEMENTS(names) ? names[state] : "?", "s:subject",
	      linphone_chat_room_get_subject(room), NULL);
	bctbx_free(peer);
}

void linphone_room_init(LinphoneCore *core)
{
	LinphoneCoreCbs *cbs = linphone_factory_create_core_cbs(linphone_factory_get());

	linphone_core_cbs_set_chat_room_state_changed(cbs, on_room);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_cbs_unref(cbs);
}

/* --- what is asked for ----------------------------------------------------------------------- */

static LinphoneChatRoom *find_room(const char *peer)
{
	const bctbx_list_t *l;

	for (l = linphone_core_get_chat_rooms(lc()); l != NULL; l = l->next) {
		char *text = address_text(linphone_chat_room_get_peer_address(l->data));
		gboolean hit = strcmp(text, peer) == 0;

		bctbx_free(text);
		if (hit)
			return l->data;
	}
	return NULL;
}

/* group SUBJECT URI... */
static const char *do_group(int n, char **words)
{
	LinphoneChatRoomParams *p = linphone_core_create_default_chat_room_params(lc());
	bctbx_list_t *people = NULL;
	LinphoneChatRoom *room;
	int i;

	linphone_chat_room_params_set_backend(p, LinphoneChatRoomBackendFlexisipChat);
	linphone_chat_room_params_enable_group(p, TRUE);
	linphone_chat_room_params_enable_encryption(p, FALSE);
	linphone_chat_room_params_set_subject(p, words[0]);
	for (i = 1; i < n; i++)
		people = bctbx_list_append(people, address_new(words[i]));
	room = linphone_core_create_chat_room_6(lc(), p, lc_me(), people);
	bctbx_list_free_with_data(people, (bctbx_list_free_func)linphone_address_unref);
	linphone_chat_room_params_unref(p);
	return room != NULL ? NULL : "the room cannot be made; was factory= given at login?";
}

static void report_room(LinphoneChatRoom *room)
{
	bctbx_list_t *people = linphone_chat_room_get_participants(room);
	char *peer = address_text(linphone_chat_room_get_peer_address(room));
	GString *list = g_string_new("[");
	const bctbx_list_t *l;

	for (l = people; l != NULL; l = l->next) {
		char *who = address_text(linphone_participant_get_address(l->data));

		if (list->len > 1)
			g_string_append_c(list, ',');
		json_str(list, who);
		bctbx_free(who);
	}
	g_string_append_c(list, ']');
	event("room", "s:room", peer, "s:subject", linphone_chat_room_get_subject(room), "i:state",
	      (int)linphone_chat_room_get_state(room), "j:participants", list->str, NULL);
	g_string_free(list, TRUE);
	bctbx_free(peer);
	bctbx_list_free_with_data(people, (bctbx_list_free_func)linphone_participant_unref);
}

static const char *do_rooms(int n, char **words)
{
	const bctbx_list_t *l;

	(void)n, (void)words;
	for (l = linphone_core_get_chat_rooms(lc()); l != NULL; l = l->next)
		report_room(l->data);
	return NULL;
}

static const char *do_room_im(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no such room";
	chat_send(room, words[1]);
	return NULL;
}

static const char *do_room_compose(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no such room";
	linphone_chat_room_compose(room);
	return NULL;
}

static const char *do_room_read(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no such room";
	linphone_chat_room_mark_as_read(room);
	return NULL;
}

static const char *do_room_leave(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no such room";
	linphone_chat_room_leave(room);
	return NULL;
}

static const char *do_room_delete(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no such room";
	linphone_core_delete_chat_room(lc(), room);
	return NULL;
}

static const char *do_room_subject(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);

	(void)n;
	if (room == NULL)
		return "no such room";
	linphone_chat_room_set_subject(room, words[1]);
	return NULL;
}

static const char *do_room_add(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);
	LinphoneAddress *who = address_new(words[1]);

	(void)n;
	if (room == NULL || who == NULL)
		return "no such room or no address";
	linphone_chat_room_add_participant(room, who);
	linphone_address_unref(who);
	return NULL;
}

static LinphoneParticipant *find_participant(LinphoneChatRoom *room, const char *uri)
{
	LinphoneAddress *who = address_new(uri);
	LinphoneParticipant *found = NULL;

	if (room != NULL && who != NULL)
		found = linphone_chat_room_find_participant(room, who);
	if (who != NULL)
		linphone_address_unref(who);
	return found;
}

static const char *do_room_remove(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);
	LinphoneParticipant *who = find_participant(room, words[1]);

	(void)n;
	if (who == NULL)
		return "no such room or participant";
	linphone_chat_room_remove_participant(room, who);
	return NULL;
}

/* room-admin ROOM URI 0|1 */
static const char *do_room_admin(int n, char **words)
{
	LinphoneChatRoom *room = find_room(words[0]);
	LinphoneParticipant *who = find_participant(room, words[1]);

	(void)n;
	if (who == NULL)
		return "no such room or participant";
	linphone_chat_room_set_participant_admin_status(room, who, (bool_t)word_is_true(words[2]));
	return NULL;
}

const struct command linphone_room_commands[] = {
	{ "group", 2, do_group },
	{ "rooms", 0, do_rooms },
	{ "room-im", 2, do_room_im },
	{ "room-compose", 1, do_room_compose },
	{ "room-read", 1, do_room_read },
	{ "room-leave", 1, do_room_leave },
	{ "room-delete", 1, do_room_delete },
	{ "room-subject", 2, do_room_subject },
	{ "room-add", 2, do_room_add },
	{ "room-remove", 2, do_room_remove },
	{ "room-admin", 3, do_room_admin },
	{ NULL, 0, NULL },
};
