"""Where the heart's things are kept: SQLAlchemy tables, repositories, unit of work, migrations."""
