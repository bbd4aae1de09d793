#include "lync/levels.h"

#include "base/mem.h"
#include "directory/grants.h"

#include "lync/category.h"

static const struct {
	uint32_t container;
	enum access_level level;
} levels[] = {
	{ 100, ACCESS_PUBLIC },
	{ 200, ACCESS_COLLEAGUES },
	{ 300, ACCESS_TEAM },
	{ 400, ACCESS_PERSONAL },
	{ CONTAINER_BLOCKED, ACCESS_BLOCKED },
};

bool levels_of_container(uint32_t container, enum access_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].container == container) {
			*out = levels[i].level;
			return true;
		}
	return false;
}

uint32_t levels_container(enum access_level l)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].level == l)
			return levels[i].container;
	return 200;
}

static void on_done(void *arg, enum err err, int64_t id)
{
	(void)arg, (void)id;
	if (err != E_OK)
		log_warn("lync", "an access level could not be kept: %s", err_str(err));
}

void levels_set(struct lync *l, account_id owner, account_id member, enum access_level level)
{
	if (presence_access_set(l->cfg.presence, owner, member, level) != E_OK) {
		log_warn("lync", "account=%lld has too many people at levels of their own",
			 (long long)owner);
		return;
	}
	grant_set(l->cfg.directory, owner, member, (int)level, on_done, l);
}

void levels_clear(struct lync *l, account_id owner, account_id member)
{
	presence_access_clear(l->cfg.presence, owner, member);
	grant_clear(l->cfg.directory, owner, member, on_done, l);
}
