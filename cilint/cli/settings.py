"""The settings that hold for a run: what the command line says, over the configurations. Wrong ones end the command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cilint.cli.book import refuse
from cilint.engine.config import Asked, ConfigError, Configurations, Layer, near_misses
from cilint.engine.index import Index
from cilint.engine.project import project_root
from cilint.engine.settings import Settings, known

if TYPE_CHECKING:
    from cilint.engine.beside import Program

UNSAID: Final[Mapping[str, Any]] = {
    "select": (),
    "extend_select": (),
    "ignore": (),
    "severity": None,
    "min_confidence": None,
    "audience": None,
    "preview": None,
    "fail_on": None,
    "config": (),
    "no_suppressions": False,
    "isolated": False,
}
"""The options that say which rules run and how, as they are where the command line says nothing."""

_WORDS: Final = ("select", "extend-select", "ignore")
_LEVELS: Final = ("audience", "preview", "min-confidence", "fail-on")

PULL_REQUEST: Final = (
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",  # GitLab
    "CODEBUILD_WEBHOOK_BASE_REF",
    "GITHUB_BASE_REF",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",  # Azure Pipelines
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "CHANGE_TARGET",  # Jenkins
)
"""Variables that name the branch or commit that a pull request is made against."""


def base_of(environment: Mapping[str, str]) -> str:
    """The branch or commit that the pull request of this build is made against; empty outside of one."""
    return next((environment[name] for name in PULL_REQUEST if environment.get(name)), "")


def configurations(index: Index, base: Settings, options: Mapping[str, Any]) -> Configurations:
    """The settings for each directory; ends the command where they cannot be obeyed."""
    base = base._replace(suppressions=not options["no_suppressions"])
    files = [value for value in options["config"] if os.path.isfile(value) or "=" not in value]
    if len(files) > 1:
        refuse(f"--config names several files: {', '.join(files)}; let one of them `extend` the others")
    if files and options["isolated"]:
        refuse(f"--isolated reads no configuration, but --config names {files[0]}")
    try:
        given = [_given(value, index) for value in options["config"] if value not in files]
        asked = Asked(files[0] if files else "", options["isolated"], (*given, _command_line(index, options)))
        return Configurations(index, asked, base)
    except ConfigError as error:
        refuse(str(error))


def named_plugins(options: Mapping[str, Any], directory: str) -> tuple[str, ...]:
    """The plugins of the file that --config names; ends the command where that file is part of what is checked."""
    files = [value for value in options["config"] if os.path.isfile(value)]
    if not files:
        return ()
    from cilint.engine.tables import file_layer, plugin_directories

    try:
        plugins = plugin_directories(file_layer(files[0], os.path.dirname(files[0])), files[0])
    except ConfigError as error:
        refuse(str(error))
    root = os.path.realpath(project_root(directory))
    if plugins and os.path.realpath(files[0]).startswith(root + os.sep):
        refuse(f"{files[0]} lies in the checked project, so its plugins are not loaded; {_PLUGIN_ADVICE}")
    for plugin in plugins:
        if not os.path.isdir(plugin):
            refuse(f"{files[0]}: the plugin {plugin} is no directory")
    return plugins


def refuse_unloaded(settings: Settings, loaded: tuple[str, ...]) -> None:
    """End the command where a configuration names plugins that may not be loaded from it."""
    left = [plugin for plugin in settings.plugins if plugin not in loaded]
    if left:
        refuse(f"the plugin {left[0]} is named by a configuration of the checked project; {_PLUGIN_ADVICE}")


_PLUGIN_ADVICE: Final = "name it with --plugin, or in a file outside the project that --config names"


def settings_at(found: Configurations, directory: str) -> Settings:
    """The settings of a directory; ends the command where they cannot be obeyed."""
    try:
        return found.of(directory)
    except ConfigError as error:
        refuse(str(error))


def programs(settings: Settings, cfn_lint: bool | None = None, shellcheck: bool | None = None) -> tuple[Program, ...]:
    """The other programs that a run asks for, by the command line (None: it says nothing) or the settings."""
    wants_cfn_lint = settings.cfn_lint if cfn_lint is None else cfn_lint
    wants_shellcheck = settings.shellcheck if shellcheck is None else shellcheck
    if not wants_cfn_lint and not wants_shellcheck:
        return ()
    from cilint.cli.beside import asked

    return asked(settings, wants_cfn_lint, wants_shellcheck, trusted=bool(cfn_lint))


def run_directory(paths: tuple[str, ...]) -> str:
    """The directory whose configuration is that of the run as a whole: the one that all paths lie in."""
    folders = [os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path)) for path in paths or (".",)]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # several drives
        return folders[0]


def warn_of_near_misses(directory: str) -> None:
    """Say which files look like a configuration and are not read."""
    for folder in dict.fromkeys((directory, project_root(directory))):
        for path in near_misses(folder):
            sys.stderr.write(f"cilint: {os.path.relpath(path)} is not read; a configuration is called cilint.toml\n")


def words(values: tuple[str, ...]) -> list[str]:
    """The words of an option that may be given several times, and several in one."""
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def _given(value: str, index: Index) -> Layer:
    from cilint.engine.tables import given_layer

    return given_layer(value, index)


def _command_line(index: Index, options: Mapping[str, Any]) -> Layer:
    table: dict[str, Any] = {}
    for key in _WORDS:
        given = words(options[key.replace("-", "_")])
        for word in given:
            if not known(index, word):
                from cilint.engine.tables import unknown_word

                refuse(unknown_word(index, word))
        if given:
            table[key] = given
    for key in _LEVELS:
        value = options[key.replace("-", "_")]
        if value is not None:
            table[key] = value
    if options["severity"] is not None:
        table["min-severity"] = options["severity"]
    return Layer("the command line", table, os.getcwd(), is_file=False)
