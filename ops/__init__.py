"""What installs, starts, watches and checks Linshe. `interpreters`, `environments` and `progress` are stdlib-only:
they run before anything is installed, on whatever Python 3.8 or newer the machine has."""
