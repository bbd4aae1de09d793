#!/bin/sh
# Goal: the pages' types hold, the languages agree in their parameters, and CSV is read as the server reads it.
set -eu
cd "$(dirname "$0")/../.."
modules=${UI_MODULES:-build/ui-work}/node_modules
work=build/ui-words
mkdir -p $work
ln -sfn ../../webadmin/ui/src $work/src
ln -sfn "$(cd "$modules" && pwd)" $work/node_modules
cp webadmin/ui/tsconfig.json $work/
node "$modules/typescript/bin/tsc" -p $work
echo "types hold"
exec node tests/ui/words.mjs $work
