"""Lines understood: votes with cast_at, revisions, duties. Can be dropped and rebuilt."""
