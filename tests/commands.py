"""A command in this process."""


def in_process(main, capsys):
    """What runs a command with arguments: exit status, stdout, stderr; a traceback is a failure."""

    def command(*arguments):
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return command
