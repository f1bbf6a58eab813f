"""Guards what a host pulls in: by each set of the crate's features, which packages may come.

    dependencies.py               # a line for everything that should not be there; the exit status says whether there was
    dependencies.py --features    # the features, `default` left out
"""
import json
import subprocess
import sys

# What each feature brings as direct dependencies. The empty name is the core: what comes with no feature at all.
DIRECT = {
    "": {"async-trait", "base64", "bytes", "chacha20poly1305", "futures-timer", "futures-util", "getrandom", "hkdf", "hmac",
         "http", "memchr", "regex", "secrecy", "serde", "serde_json", "sha2", "subtle", "thiserror", "time", "url"},
    "axum": {"axum", "http-body-util"},
    "conformance": set(),
    "hyper": {"h2", "http-body-util", "hyper", "hyper-util", "if-addrs", "rustls", "tokio", "tokio-rustls", "webpki-roots"},
    "sqlite": {"rusqlite", "tokio"},
}

# What no tree may hold, however deep, by the kind of thing it is; and which features are about that very kind.
BANNED = {
    "a runtime": ({"async-executor", "async-global-executor", "async-io", "async-std", "mio", "smol", "tokio"},
                  {"hyper", "sqlite"}),
    "a TLS stack": ({"aws-lc-rs", "aws-lc-sys", "boring", "native-tls", "openssl", "openssl-sys", "ring", "rustls", "schannel",
                     "security-framework"}, {"hyper"}),
    "an HTTP client": ({"curl", "hyper", "hyper-util", "isahc", "reqwest", "surf", "ureq"}, {"hyper"}),
    "an HTTP server": ({"actix-web", "axum", "axum-core", "poem", "rocket", "tower", "warp"}, {"axum"}),
    "a database": ({"diesel", "libsqlite3-sys", "rusqlite", "sqlx", "tokio-postgres"}, {"sqlite"}),
}

# A runtime's package may come for its channels alone. It runs nothing without these features.
RUNNING = {"fs", "io-std", "net", "process", "rt", "rt-multi-thread", "signal", "time"}

# What of these a feature needs all the same: a client for HTTP has sockets, and deadlines.
RUN = {"hyper": {"net", "rt", "time"}}


def cargo(*arguments):
    return subprocess.run(("cargo", *arguments), check=True, stdout=subprocess.PIPE, text=True).stdout


def features():
    [package] = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))["packages"]
    return sorted(set(package["features"]) - {"default"})


def tree(feature, *options, form="{p}"):
    """The packages of a build, as `form` prints them, on any platform."""
    lines = cargo("tree", "--edges", "normal", "--target", "all", "--no-default-features", "--features", feature,
                  "--prefix", "none", "--format", form, *options).splitlines()
    return {line.removesuffix(" (*)") for line in lines}


def wrong(feature):
    name = f"feature `{feature}`" if feature else "the core"
    direct = {line.split()[0] for line in tree(feature, "--depth", "1")} - {"jackfield"}
    for package in sorted(direct - DIRECT[""] - DIRECT[feature]):
        yield f"{name} depends on `{package}`: say in this file that it may, if it may"
    for package in sorted((DIRECT[""] | DIRECT[feature]) - direct):
        yield f"{name} no longer depends on `{package}`: take it from this file"
    packages = {line.split()[0] for line in tree(feature)}
    for kind, (banned, allowed) in BANNED.items():
        for package in sorted(banned & packages if feature not in allowed else ()):
            yield f"{name} brings `{package}`, {kind}"
    for line in sorted(tree(feature, form="{p}|{f}")):
        package, _, enabled = line.partition("|")
        running = RUNNING & set(enabled.split(",")) - RUN.get(feature, set())
        if package.split()[0] == "tokio" and running:
            yield f"{name} enables {', '.join(sorted(running))} of `tokio`"


def main():
    known = features()
    if "--features" in sys.argv:
        print(*known)
        return 0
    found = [f"feature `{name}` is not in this file" for name in known if name not in DIRECT]
    for feature in ["", *(name for name in known if name in DIRECT)]:
        found.extend(wrong(feature))
    if tree("") != {line for line in tree("default")}:
        found.append("the default features bring packages")
    print("\n".join(found) or f"the core and {len(known)} features bring what they may")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
