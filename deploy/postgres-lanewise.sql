-- Lanewise's own database, beside Temporal's, in the same server.
CREATE DATABASE lanewise;
