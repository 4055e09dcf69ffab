"""Our own commands; each module has HELP, arguments(parser) and main(args) -> exit code."""

from server.folder import Folder, SetupError


def prepare(*, name: str | None, sample: bool) -> Folder:
    """What `init` does: folder, keys, tables and, if wanted, the sample province."""
    from server.settings import DATA

    DATA.make(name=name, sample=sample)
    DATA.verify()
    if sample and not DATA.sample:
        raise SetupError(f"{DATA.path} holds real data; the sample needs a folder of its own.")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    if sample:
        from server.sample import province

        province.make(folder=DATA)
    return DATA
