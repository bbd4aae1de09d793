/* cli_serve.c: porchlight serve: the server in the foreground until SIGTERM or SIGINT. */
#include "app/cli.h"
#include "app/config.h"
#include "app/server.h"

int cli_serve(int argc, char **argv)
{
	struct server *s;
	struct config cfg;

	if (!config_decode(&cfg, argc, argv))
		return CLI_USAGE;
	log_set_level(cfg.log_level);
	if (server_new(&cfg, &s) != E_OK)
		return CLI_FAILED; /* the log has said why */
	server_run(s);
	server_free(&s);
	return CLI_OK;
}
