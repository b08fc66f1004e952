"""Checks of a pipeline's structure: stages, names, stores and Regions, the features of V2, triggers, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cilint.catalog.pipeline_actions import Key, rule_keys, rule_names
from cilint.catalog.pipeline_actions import provider as action_provider
from cilint.core.finding import Finding, Related
from cilint.core.nearest import listed, nearest
from cilint.core.rule import check
from cilint.model.intrinsics import is_intrinsic, is_known, symbolic
from cilint.model.intrinsics import listed as items
from cilint.model.pipeline import Pipeline, Stage
from cilint.model.spelling import Spelled
from cilint.source.nodes import Mapping, Sequence
from cilint.source.text import Span


@check("source-outside-first-stage")
def source_outside_first_stage(pipeline: Pipeline) -> Iterator[Finding]:
    """A source action after the first stage, or another action in it."""
    if not pipeline.stages or pipeline.stages[0].when or pipeline.stages[0].index or pipeline.fragment:
        return
    for action in pipeline.actions:
        if action.stage.index > 0 and action.category == "Source":
            yield Finding(
                action.place_of_name,
                f"source actions stand in the first stage only; move `{action.name}` to `{pipeline.stages[0].name}`",
            )
        elif action.stage.index == 0 and action.category not in ("Source", "") and not action.when:
            yield Finding(
                action.place_of_name,
                f"the first stage holds source actions only; move `{action.name}` ({action.category}) to a later stage",
            )


@check("duplicate-name")
def duplicate_name(pipeline: Pipeline) -> Iterator[Finding]:
    """Two stages of a pipeline, two actions of a stage, or two namespaces with one name."""
    yield from _twice(((stage.name, stage.place_of_name, stage.when) for stage in pipeline.stages), "stage", "pipeline")
    for stage in pipeline.stages:
        named = ((action.name, action.place_of_name, action.when) for action in stage.actions)
        yield from _twice(named, "action", "stage")
    spaces = (
        (action.word("namespace") or "", node.span, action.when)
        for action in pipeline.actions
        if (node := action.get("namespace")) is not None
    )
    yield from _twice(spaces, "namespace", "pipeline")


_Named = tuple[str, Span, tuple[tuple[str, bool], ...]]


def _twice(named: Iterator[_Named], what: str, within: str) -> Iterator[Finding]:
    seen: list[_Named] = []
    for name, span, when in named:
        before = next(
            (
                place
                for other, place, branches in seen
                if other == name and (set(branches) <= set(when) or set(when) <= set(branches))
            ),
            None,
        )
        if before is None or not name:
            seen.append((name, span, when))
        else:
            message = f"another {what} of this {within} is called `{name}`; give this one a name of its own"
            yield Finding(span, message, related=(Related(before, "the first one"),))


@check("action-region-without-store")
def action_region_without_store(pipeline: Pipeline) -> Iterator[Finding]:
    """Actions in several Regions need an artifact store in each."""
    placed = [
        (region, node)
        for action in pipeline.actions
        if (region := action.known("region")) and (node := action.get("region"))
    ]
    stores = pipeline.get("artifactStores")
    if stores is None:
        regions = list(dict.fromkeys(region for region, _node in placed))
        if len(regions) > 1 and pipeline.get("artifactStore") is not None:
            for region, node in placed:
                if region != regions[0]:
                    yield Finding(
                        node.span,
                        f"actions run in {listed(regions)}, but there is one `{pipeline.spelled('artifactStore')}`; "
                        "list a bucket for each Region, the pipeline's own included, in "
                        f"`{pipeline.spelled('artifactStores')}`",
                    )
        return
    known = pipeline.store_regions
    if known is not None:
        for region, node in placed:
            if region not in known:
                yield Finding(
                    node.span,
                    f"`{pipeline.spelled('artifactStores')}` has no bucket in {region}; add one (it has "
                    f"{listed(known) or 'none'})",
                )


_V2_KEYS: Final = (("triggers", "triggers"), ("variables", "pipeline variables"))
_V2_STAGE_KEYS: Final = ("beforeEntry", "onSuccess", "onFailure")


@check("v2-feature-in-v1")
def v2_feature_in_v1(pipeline: Pipeline) -> Iterator[Finding]:
    """A feature of pipeline type V2 in a pipeline that says V1, or says nothing."""
    kind = pipeline.word("pipelineType")
    if kind is not None and kind != "V1":
        return
    if pipeline.fragment:
        return
    for span, what in _v2_features(pipeline):
        if kind == "V1":
            yield Finding(span, f"{what} need pipeline type V2, and this pipeline is V1; set `{_type(pipeline)}: V2`")
        else:
            yield Finding(
                span,
                f"{what} make this a pipeline of type V2, which is paid by the minute of its actions; say "
                f"`{_type(pipeline)}: V2` if that is meant",
                severity="note",
            )
            return


def _type(pipeline: Pipeline) -> str:
    return pipeline.spelled("pipelineType")


def _v2_features(pipeline: Pipeline) -> Iterator[tuple[Span, str]]:
    for key, what in _V2_KEYS:
        node = pipeline.get(key)
        if node is not None and not is_intrinsic(node) and not (isinstance(node, Sequence) and not node.items):
            yield pipeline.key_span(key), what
    mode = pipeline.known("executionMode")
    if mode in ("QUEUED", "PARALLEL"):
        yield pipeline.key_span("executionMode"), f"{mode} executions"
    for stage in pipeline.stages:
        for key in _V2_STAGE_KEYS:
            if stage.get(key) is not None and not stage.when:
                yield stage.key_span(key), "stage conditions, retry and rollback"
        for action in stage.actions:
            known = action_provider(action.category, action.owner, action.provider)
            if known is not None and known.v2 and not action.when:
                yield action.place_of_name, f"{action.category} actions of provider {action.provider}"


_REGEX: Final = re.compile(r"^\^|\$$|\\[dwb.]|\(\?")
_ANY_NAME: Final = re.compile(r"(?:^|/)\.\*")  # in a path it may be meant: files whose name starts with a dot


@check("trigger-source-unknown")
def trigger_source_unknown(pipeline: Pipeline) -> Iterator[Finding]:
    """A trigger that names an action which is none of the pipeline's connection sources."""
    for trigger in pipeline.children("triggers", Spelled):
        git = trigger.child("gitConfiguration", Spelled)
        node = git.get("sourceActionName") if git else None
        name = git.known("sourceActionName") if git else None
        if node is None or name is None or not pipeline.complete:
            continue
        sources = [action for action in pipeline.actions if action.stage.index == 0]
        if any(not is_known(action.name) for action in sources):
            continue
        named = [action for action in sources if action.name == name]
        fitting = [action.name for action in sources if action.provider == "CodeStarSourceConnection"]
        if not named:
            hint = nearest(name, fitting)
            advice = f"did you mean `{hint}`?" if hint else f"its source actions: {listed(a.name for a in sources)}"
            yield Finding(node.span, f"this pipeline has no source action `{name}`; {advice}")
        elif named[0].provider and named[0].provider != "CodeStarSourceConnection":
            yield Finding(
                node.span,
                f"triggers work on sources with a connection (`CodeStarSourceConnection`), and `{name}` is a "
                f"`{named[0].provider}` source",
            )


@check("trigger-twice")
def trigger_twice(pipeline: Pipeline) -> Iterator[Finding]:
    """Two triggers for one source action."""
    first: dict[str, Span] = {}
    for trigger in pipeline.children("triggers", Spelled):
        git = trigger.child("gitConfiguration", Spelled)
        node = git.get("sourceActionName") if git else None
        name = git.known("sourceActionName") if git else None
        if node is None or name is None:
            continue
        if name in first:
            yield Finding(
                node.span,
                f"`{name}` has a trigger already; put these filters into its `{trigger.spelled('push')}` and "
                f"`{trigger.spelled('pullRequest')}` lists",
                related=(Related(first[name], "the first one"),),
            )
        first.setdefault(name, node.span)


@check("trigger-filter")
def trigger_filter(pipeline: Pipeline) -> Iterator[Finding]:
    """Parts of a trigger's filter that do not go together, and patterns that are no globs."""
    for trigger in pipeline.children("triggers", Spelled):
        git = trigger.child("gitConfiguration", Spelled)
        if git is None:
            continue
        for event in ("push", "pullRequest"):
            for part in git.children(event, Spelled):
                yield from _filter(part, event)


def _filter(part: Spelled, event: str) -> Iterator[Finding]:
    tags, branches, paths = (part.get(key) for key in ("tags", "branches", "filePaths"))
    names = {key: part.spelled(key) for key in ("tags", "branches", "filePaths")}
    if tags is not None and (branches is not None or paths is not None):
        yield Finding(
            part.key_span("tags"),
            f"a filter by `{names['tags']}` stands alone; put `{names['branches']}` and `{names['filePaths']}` into a "
            f"`{part.spelled(event)}` item of their own",
        )
    elif paths is not None and branches is None:
        yield Finding(
            part.key_span("filePaths"),
            f"a filter by `{names['filePaths']}` needs `{names['branches']}` beside it; `**` includes all of them",
        )
    for key in ("tags", "branches", "filePaths"):
        criteria = part.child(key, Spelled)
        for list_name in ("includes", "excludes"):
            for item in items(criteria.get(list_name)) if criteria else ():
                text = symbolic(item.node)
                if not text or not is_known(text):
                    continue
                if _REGEX.search(text) or (key != "filePaths" and _ANY_NAME.search(text)):
                    yield Finding(
                        item.node.span,
                        f"`{text}` is read as a glob, not as a regular expression: `^`, `$` and `.*` stand for "
                        "themselves; write `*` within a path segment and `**` across segments",
                        severity="warning",
                    )


@check("condition-result")
def condition_result(stage: Stage) -> Iterator[Finding]:
    """A stage condition whose result its place or its rules do not allow."""
    allowed = {"beforeEntry": ("FAIL", "SKIP"), "onSuccess": ("ROLLBACK", "FAIL"), "onFailure": ("ROLLBACK",)}
    for place, results in allowed.items():
        holder = stage.child(place, Spelled)
        for condition in holder.children("conditions", Spelled) if holder else ():
            node, result = condition.get("result"), condition.known("result")
            if node is None or result is None:
                continue
            if result not in results:
                yield Finding(
                    node.span,
                    f"`{result}` is no result of a `{stage.spelled(place)}` condition; allowed: {listed(results)}",
                )
            elif result == "SKIP":
                for provider in _providers(condition):
                    if provider not in ("LambdaInvoke", "VariableCheck"):
                        yield Finding(
                            node.span,
                            f"`SKIP` works with `LambdaInvoke` and `VariableCheck` rules only, not with `{provider}`",
                        )


def _providers(condition: Spelled) -> Iterator[str]:
    for rule in condition.children("rules", Spelled):
        kind = rule.child("ruleTypeId", Spelled)
        provider = kind.known("provider") if kind else None
        if provider:
            yield provider


@check("rollback-in-parallel")
def rollback_in_parallel(pipeline: Pipeline) -> Iterator[Finding]:
    """A rollback in a pipeline whose executions run side by side."""
    if pipeline.known("executionMode") != "PARALLEL":
        return
    for stage in pipeline.stages:
        for place in ("onSuccess", "onFailure"):
            holder = stage.child(place, Spelled)
            for each in (holder, *holder.children("conditions", Spelled)) if holder else ():
                node = each.get("result")
                if node is not None and each.known("result") == "ROLLBACK":
                    yield Finding(
                        node.span,
                        "in `PARALLEL` mode a stage cannot be rolled back; use `QUEUED` or `SUPERSEDED`, or another "
                        "result",
                        related=(Related(pipeline.key_span("executionMode"), "the mode"),),
                    )


@check("retry-with-conditions")
def retry_with_conditions(stage: Stage) -> Iterator[Finding]:
    """`onFailure` with both a retry and conditions."""
    holder = stage.child("onFailure", Spelled)
    if holder is None or holder.get("conditions") is None:
        return
    if holder.get("retryConfiguration") is not None or holder.known("result") == "RETRY":
        key = "retryConfiguration" if holder.get("retryConfiguration") is not None else "result"
        yield Finding(
            holder.key_span(key),
            f"`{stage.spelled('onFailure')}` either retries or checks `{holder.spelled('conditions')}`; drop one of "
            "the two",
        )


@check("condition-rule")
def condition_rule(stage: Stage) -> Iterator[Finding]:
    """A rule of a stage condition with a provider that is not known, or without a key that its provider needs."""
    for place in _V2_STAGE_KEYS:
        holder = stage.child(place, Spelled)
        for condition in holder.children("conditions", Spelled) if holder else ():
            for rule in condition.children("rules", Spelled):
                yield from _rule(rule)


def _rule(rule: Spelled) -> Iterator[Finding]:
    kind = rule.child("ruleTypeId", Spelled)
    provider, node = (kind.known("provider"), kind.get("provider")) if kind else (None, None)
    if kind is None or provider is None or node is None or kind.known("owner") not in ("AWS", None):
        return
    keys = rule_keys(provider)
    if keys is None:
        hint = nearest(provider, rule_names())
        if hint:
            yield Finding(node.span, f"no rule provider is called `{provider}`; did you mean `{hint}`?")
        else:
            yield Finding(
                node.span,
                f"`{provider}` is no rule provider known here: {listed(rule_names())}",
                severity="note",
                confidence="low",
            )
        return
    table = rule.get("configuration")
    if table is not None and (not isinstance(table, Mapping) or is_intrinsic(table)):
        return
    yield from _rule_keys(rule, provider, keys, rule.key_span("configuration") if table is not None else node.span)


def _rule_keys(rule: Spelled, provider: str, keys: dict[str, Key], missing: Span) -> Iterator[Finding]:
    """What is wrong with the configuration of a rule; `missing` is where a key that is not there is shown."""
    present = rule.entries("configuration")
    for name, key in keys.items():
        if key.required and name not in present:
            yield Finding(missing, f"a `{provider}` rule needs `{name}` in its configuration; add it")
    table = rule.get("configuration")
    for entry in table.entries if isinstance(table, Mapping) else ():
        hint = nearest(entry.name, keys) if entry.name not in keys else None
        if hint and hint not in present:
            yield Finding(entry.key.span, f"a `{provider}` rule has no key `{entry.name}`; did you mean `{hint}`?")
    for name, value in present.items():
        words = keys[name].words if name in keys and keys[name].form == "one" else ()
        text = symbolic(value, rule.place.names)
        if words and text and is_known(text) and "#{" not in text and text not in words:
            yield Finding(value.span, f"`{name}` cannot be `{text}`; it is {listed(words)}")
