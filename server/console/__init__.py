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
        from server.ingest.journals import now_ms
        from server.sample import dossiers, province

        province.make(folder=DATA)
        dossiers.make(now_ms=now_ms())
    return DATA
