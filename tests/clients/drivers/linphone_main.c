/* linphone_main.c: linphone-driver, the real Linphone engine under line commands.
 *
 *   linphone-driver --dir DIR [--ca PEM] [--log FILE] [--play WAV --record PREFIX] [--set section/key=value]...
 *
 * Server certificate and name are always checked; --ca names the only root that is trusted.
 * Linphone compares the name with DNS names alone, so "login" takes server=localhost.
 *
 *   login user=sip:a@dom password=p server=localhost port=5061 [login=] [realm=] [expires=] [publish=1] [factory=] [rls=]
 *   friend URI | unfriend URI | friends | status online|offline|away|busy|dnd|... [note]
 *   im URI TEXT | compose URI | read URI
 *   group SUBJECT URI... | rooms | room-im ROOM TEXT | room-add ROOM URI | room-remove ROOM URI | room-leave ROOM ...
 *   call URI | accept | decline | hangup | hold | resume
 *   refresh | network up|down | logout | quit */
#include <stdio.h>
#include <string.h>

#include "linphone.h"

enum { TICK_MS = 20, STOP_MS = 1500, SETS_MAX = 16 };

struct options {
	const char *dir, *ca, *log, *play, *record;
	const char *sets[SETS_MAX];
	int set_count;
};

static LinphoneCore *the_core;

LinphoneCore *lc(void)
{
	return the_core;
}

LinphoneAddress *address_new(const char *text)
{
	gboolean has_scheme = g_str_has_prefix(text, "sip:") || g_str_has_prefix(text, "sips:");
	char *uri = g_strconcat(has_scheme ? "" : "sip:", text, NULL);
	LinphoneAddress *address = linphone_factory_create_address(linphone_factory_get(), uri);

	g_free(uri);
	return address;
}

char *address_text(const LinphoneAddress *address)
{
	return address != NULL ? linphone_address_as_string_uri_only(address) : bctbx_strdup("");
}

static gboolean read_options(int argc, char **argv, struct options *o)
{
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--dir") == 0)
			o->dir = argv[i + 1];
		else if (strcmp(argv[i], "--ca") == 0)
			o->ca = argv[i + 1];
		else if (strcmp(argv[i], "--log") == 0)
			o->log = argv[i + 1];
		else if (strcmp(argv[i], "--play") == 0)
			o->play = argv[i + 1];
		else if (strcmp(argv[i], "--record") == 0)
			o->record = argv[i + 1];
		else if (strcmp(argv[i], "--set") == 0 && o->set_count < SETS_MAX)
			o->sets[o->set_count++] = argv[i + 1];
		else
			return FALSE;
	}
	return i == argc && o->dir != NULL;
}

static void set_file(LinphoneConfig *config, const char *section, const char *key, const char *dir,
		     const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	linphone_config_set_string(config, section, key, path);
	g_free(path);
}

/* Nothing but the given server is to be asked anything: no DNS, no STUN, no update check. */
static LinphoneConfig *make_config(const struct options *o)
{
	LinphoneConfig *config = linphone_factory_create_config(linphone_factory_get(), NULL);
	char **part;
	int i;

	set_file(config, "storage", "uri", o->dir, "linphone.db");
	set_file(config, "lime", "x3dh_db_path", o->dir, "lime.db");
	linphone_config_set_int(config, "net", "dns_srv_enabled", 0);
	linphone_config_set_int(config, "sip", "guess_hostname", 0);
	linphone_config_set_int(config, "sip", "use_ipv6", 0);
	linphone_config_set_string(config, "sip", "bind_address", "127.0.0.1");
	linphone_config_set_int(config, "sip", "auto_net_state_mon", 0);
	linphone_config_set_string(config, "misc", "version_check_url_root", "");
	linphone_config_set_int(config, "net", "nat_policy_stun_enabled", 0);
	for (i = 0; i < o->set_count; i++) {
		part = g_strsplit_set(o->sets[i], "/=", 3);
		if (g_strv_length(part) == 3)
			linphone_config_set_string(config, part[0], part[1], part[2]);
		g_strfreev(part);
	}
	return config;
}

static void set_transports(LinphoneCore *core)
{
	LinphoneTransports *t = linphone_factory_create_transports(linphone_factory_get());

	linphone_transports_set_udp_port(t, LC_SIP_TRANSPORT_DISABLED);
	linphone_transports_set_tcp_port(t, LC_SIP_TRANSPORT_DISABLED);
	linphone_transports_set_tls_port(t, LC_SIP_TRANSPORT_RANDOM);
	linphone_core_set_transports(core, t);
	linphone_transports_unref(t);
}

/* Files stand for the sound card, so a call needs none and what was heard can be looked at. */
static void set_sound(LinphoneCore *core, const struct options *o)
{
	linphone_core_set_use_files(core, TRUE);
	linphone_core_set_play_file(core, o->play);
	linphone_call_record(core, o->record);
	linphone_core_set_audio_port(core, -1);
	linphone_core_enable_video_capture(core, FALSE);
	linphone_core_enable_video_display(core, FALSE);
}

static void start_core(const struct options *o)
{
	LinphoneFactory *factory = linphone_factory_get();
	LinphoneConfig *config;

	linphone_factory_set_data_dir(factory, o->dir);
	linphone_factory_set_config_dir(factory, o->dir);
	config = make_config(o);
	the_core = linphone_factory_create_core_with_config_3(factory, config, NULL);
	linphone_account_init(the_core);
	linphone_chat_init(the_core);
	linphone_room_init(the_core);
	linphone_call_init(the_core);
	if (o->ca != NULL)
		linphone_core_set_root_ca(the_core, o->ca);
	linphone_core_verify_server_certificates(the_core, TRUE);
	linphone_core_verify_server_cn(the_core, TRUE);
	set_transports(the_core);
	linphone_core_enable_ipv6(the_core, FALSE);
	set_sound(the_core, o);
	linphone_core_set_user_agent(the_core, "LinphoneDriver", linphone_core_get_version());
	linphone_core_start(the_core);
	linphone_core_set_network_reachable(the_core, TRUE);
}

static void start_log(const char *path)
{
	FILE *file = path != NULL ? fopen(path, "w") : NULL;

	if (file == NULL) {
		linphone_core_set_log_level_mask(0);
		return;
	}
	linphone_core_set_log_file(file);
	linphone_core_set_log_level(ORTP_MESSAGE);
}

static gboolean on_tick(gpointer unused)
{
	(void)unused;
	linphone_core_iterate(the_core);
	return TRUE;
}

static gboolean on_stop_time(gpointer unused)
{
	(void)unused;
	driver_end();
	return FALSE;
}

/* Unregistering takes a round trip, for which the core gets some time. */
static void on_stop(void)
{
	linphone_core_stop_async(the_core);
	g_timeout_add(STOP_MS, on_stop_time, NULL);
}

static const char *check(const char *name)
{
	(void)name;
	return lc_account() != NULL ? NULL : "login first";
}

int main(int argc, char **argv)
{
	struct options o = { 0 };

	if (!read_options(argc, argv, &o)) {
		fprintf(stderr, "usage: linphone-driver --dir DIR [--ca PEM] [--log FILE] "
				"[--play WAV] [--record PREFIX] [--set section/key=value]...\n");
		return 2;
	}
	g_mkdir_with_parents(o.dir, 0700);
	g_setenv("HOME", o.dir, TRUE);
	g_unsetenv("XDG_DATA_HOME");
	g_unsetenv("XDG_CONFIG_HOME");
	start_log(o.log);
	start_core(&o);
	driver_add_commands(linphone_account_commands);
	driver_add_commands(linphone_chat_commands);
	driver_add_commands(linphone_room_commands);
	driver_add_commands(linphone_call_commands);
	driver_set_check(check);
	g_timeout_add(TICK_MS, on_tick, NULL);
	event("ready", "s:version", linphone_core_get_version(), NULL);
	driver_run(on_stop, NULL);
	return 0;
}
