"""Make the data folder, its keys and tables; twice changes nothing."""

import argparse

HELP = "make the data folder, its keys and tables (twice changes nothing)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sample", action="store_true", help="with the sample province")
    parser.add_argument("--name", help="the server's name, a DNS name that never changes")


def main(args: argparse.Namespace) -> int:
    from server.console import prepare

    folder = prepare(name=args.name, sample=args.sample)
    print(f"{folder.server_name} is ready in {folder.path}")
    if args.sample:
        from server.sample import province

        for account, password in province.passwords(folder).items():
            print(f"sign-in {account} {password}")
    return 0
