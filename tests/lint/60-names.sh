#!/bin/sh
# The project speaks of itself alone: no path of one machine, no host of a package archive, nothing left for later.
set -eu
cd "$(dirname "$0")/../.."
bad=0
if git grep -nIE '(^|[^a-z.])/(work|farm)/|https?://[^ ]*(debian|npmjs)[.]org' -- . ':!tests/lint/60-names.sh'; then bad=1; fi
if git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- '*.c' '*.h' '*.py' '*.sh' '*.ts' '*.js'  ':!tests/lint/60-names.sh'; then bad=1; fi
exit $bad
