#!/usr/bin/env bash
# Installs the validators that pip does not bring into .ci/tools (not committed): Microsoft's SARIF Multitool.
# The tests find it there; without it they say so and skip.
set -euo pipefail
tools=$(cd "$(dirname "$0")" && pwd)/tools
mkdir -p "$tools"
npm install --silent --no-audit --no-fund --prefix "$tools" @microsoft/sarif-multitool@5
# npm may be told not to run install scripts; this is all that the package's does.
chmod u+x "$tools"/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool
