"""Which shell the commands are for: a Windows build is recognised and a Linux build never mistaken for one."""

from __future__ import annotations

import pytest

from cilint.shell.dialect import BASH, CMD, POWERSHELL, SH, dialect, is_posix


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", BASH),
        ("/bin/bash", BASH),
        ("/bin/sh", SH),
        ("sh", SH),
        ("powershell.exe", POWERSHELL),
        ("pwsh", POWERSHELL),
        ("cmd.exe", CMD),
        ("fish", SH),
        (None, SH),
    ],
)
def test_env_shell_decides(shell: str | None, expected: str) -> None:
    assert dialect(shell, ["make"]) == expected


@pytest.mark.parametrize(
    "command",
    [
        'Write-Host "Build started"',
        "$env:IMAGE_TAG = 'latest'",
        "docker build -t $env:REPOSITORY_URI .",
        "Get-ChildItem -Recurse | Where-Object { $_.Name }",
        'if (-not (Test-Path "x.exe")) { exit 1 }',
        "$ErrorActionPreference = 'Stop'",
        "copy build\\app.exe image\\",
        ".\\build.ps1",
        "choco install -y maven",
        "powershell -file '.\\install_modules.ps1'",
        "MSBuild.exe Source/App.sln",
        'cmd /c "vcvarsall.bat x64 && nmake"',
        '& "C:\\Program Files\\CMake\\bin\\cmake.exe" ..',
        "get-childitem .git",
    ],
)
def test_powershell_by_its_look(command: str) -> None:
    assert dialect(None, [command]) == POWERSHELL


@pytest.mark.parametrize(
    "command",
    [
        "echo %CODEBUILD_SRC_DIR%",
        "if not exist build mkdir build",
        "if defined X echo y",
        "@echo off",
        "call build.bat",
    ],
)
def test_cmd_by_its_look(command: str) -> None:
    assert dialect(None, [command]) == CMD


@pytest.mark.parametrize(
    "command",
    [
        "date +%Y%m%d-%H%M%S",
        "curl -w '%{http_code}' url",
        "curl -H 'Content-Type: x' -H \"Set-Cookie: y\" url",
        "apt-get update && apt-get install -y zip",
        "sed -e 's/\\./\\\\n/' file",
        "export A=$env:latest",
        "if [ ! -f x ]; then pwsh -Command 'Write-Host $env:X'; fi",
        'printf \'[{"name":"%s"}]\' web',
        "docker-compose up; aws ecs describe-services",
        "pwsh -command 'Get-ChildItem -Recurse | Where-Object { $_.Name }'",
        "pwsh -command './build.ps1; Invoke-Build'",
        "cat > page.xml <<END\n&amp;\nEND",
        "mono nuget.exe restore",
        "make &\nmake test &\nwait",
        "add-apt-repository ppa:x/y",
    ],
)
def test_linux_commands_stay_sh(command: str) -> None:
    assert dialect(None, [command]) == SH


@pytest.mark.parametrize(("windows", "expected"), [(True, POWERSHELL), (False, SH), (None, SH)])
def test_the_environment_decides_where_it_is_known_and_no_shell_is_named(windows: bool | None, expected: str) -> None:
    assert dialect(None, ["mkdir build", "dotnet build"], windows) == expected
    assert dialect("bash", ["dotnet build"], windows) == BASH
    assert dialect(None, ["$env:A = 1"], False) == SH, "in a Linux environment sh runs it, whatever it looks like"


def test_only_sh_and_bash_can_be_parsed() -> None:
    assert [is_posix(name) for name in (SH, BASH, POWERSHELL, CMD)] == [True, True, False, False]
