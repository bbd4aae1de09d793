#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include "app/sandbox.h"

static const uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t write_rights = LANDLOCK_ACCESS_FS_WRITE_FILE |
				     LANDLOCK_ACCESS_FS_REMOVE_FILE |
				     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
				     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK;
static const uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
			      LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
			      LANDLOCK_ACCESS_FS_MAKE_SYM;

static bool allow(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	bool ok;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT;
	ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.parent_fd);
	return ok;
}

static void restrict_files(const char *data_dir)
{
	/* Files the C library and SQLite read: time zone, entropy, memory statistics. */
	static const char *const readable[] = { "/etc",	      "/usr/share/zoneinfo",
						"/proc/self", "/dev/urandom",
						"/dev/null",  "/sys/devices/system/cpu" };
	struct landlock_ruleset_attr attr = { .handled_access_fs = read_rights | write_rights |
								   never };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	bool ok;

	if (ruleset < 0) {
		log_info("sandbox", "no Landlock: %s", strerror(errno));
		return;
	}
	ok = allow(ruleset, data_dir, read_rights | write_rights);
	for (size_t i = 0; ok && i < ARRAY_LEN(readable); i++) {
		uint64_t rights = read_rights;

		if (str_starts(str_of(readable[i]), STR("/dev/"))) /* no directories */
			rights = LANDLOCK_ACCESS_FS_READ_FILE;
		ok = allow(ruleset, readable[i], rights);
	}
	if (!ok || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		log_warn("sandbox", "Landlock refused: %s", strerror(errno));
	close(ruleset);
}

enum err sandbox_enter(const char *data_dir)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		log_error("sandbox", "no_new_privs: %s", strerror(errno));
		return E_IO;
	}
	restrict_files(data_dir);
	return E_OK;
}
