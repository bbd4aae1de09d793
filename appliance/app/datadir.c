#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "app/datadir.h"

enum err datadir_make(const char *dir)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return E_OK;
	log_error("data", "cannot make %s: %s", dir, strerror(errno));
	return E_IO;
}

enum err datadir_become_owner(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) != 0) {
		log_error("data", "%s: %s", dir, strerror(errno));
		return E_NOTFOUND;
	}
	if (!S_ISDIR(st.st_mode)) {
		log_error("data", "%s is not a directory", dir);
		return E_BAD;
	}
	if (st.st_uid == geteuid())
		return E_OK;
	if (geteuid() != 0) {
		log_error("data", "%s belongs to another user: run this as uid %u or as root", dir,
			  (unsigned)st.st_uid);
		return E_DENIED;
	}
	if (setgroups(0, NULL) != 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) != 0) {
		log_error("data", "cannot become the owner of %s: %s", dir, strerror(errno));
		return E_DENIED;
	}
	return E_OK;
}

char *datadir_path(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}
