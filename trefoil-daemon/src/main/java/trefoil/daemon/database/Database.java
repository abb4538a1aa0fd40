package trefoil.daemon.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The daemon's database. Thread-safe: transactions run one after the other on one connection. The lock is the innermost
 * of all the daemon's locks; work inside a transaction calls nothing but the {@link Statements} it is given.
 */
public final class Database implements AutoCloseable {
    /** Reads and writes of one transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T with(Statements statements) throws SQLException;
    }

    /** Makes a value of the row that a result stands on. */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** An extended result code holds the primary one in its lowest octet (sqlite.org/rescode.html). */
    private static final int PRIMARY_CODE = 0xff;

    /** Octets of room that are made when the database is opened. */
    private static final int RESERVE = 256 << 10;

    private final Path file;
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * Opens the file, making it or bringing its schema up to date. Its owner alone may read it, since servers' environments
     * hold passwords; the files of its write-ahead log get the same mode (sqlite.org/src, os_unix.c, findCreateFileMode).
     */
    public static Database open(Path file) {
        keepPrivate(file);
        Properties pragmas = new Properties();
        pragmas.setProperty("journal_mode", "WAL");
        pragmas.setProperty("synchronous", "NORMAL");
        pragmas.setProperty("foreign_keys", "true");
        pragmas.setProperty("busy_timeout", "5000");
        Connection connection = null;
        try {
            connection = new org.sqlite.JDBC().connect("jdbc:sqlite:" + file, pragmas);
            connection.setAutoCommit(false);
            Database database = new Database(file, connection);
            database.transaction(Schema::upgrade);
            database.reserve();
            return database;
        } catch (SQLException e) {
            close(connection, e);
            throw failure("cannot open the database", file, e);
        } catch (DatabaseException e) {
            close(connection, e);
            throw e;
        }
    }

    private static void close(Connection connection, Exception reason) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    private static void keepPrivate(Path file) {
        try {
            Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rw-------");
            if (Files.notExists(file)) {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(mode));
            }
            Files.setPosixFilePermissions(file, mode);
        } catch (IOException e) {
            throw new DatabaseException("cannot make the database " + file + " its owner's alone: " + e.getMessage(), false, e);
        }
    }

    /**
     * Runs the work; all of it is kept, or none when it throws. When the disk is full it is run a second time, after what
     * the write-ahead log holds went into the database, so that the log's room can be used again.
     */
    public <T> T transaction(Work<T> work) {
        lock.lock();
        try {
            return once(work);
        } catch (DatabaseException e) {
            if (!e.full() || !checkpoint(e)) {
                throw e;
            }
            return once(work);
        } finally {
            lock.unlock();
        }
    }

    private <T> T once(Work<T> work) {
        try {
            T result = work.with(new Statements(this));
            connection.commit();
            return result;
        } catch (SQLException e) {
            rollBack(e);
            throw failure("the database refused", file, e);
        } catch (RuntimeException | Error e) {
            rollBack(e);
            throw e;
        }
    }

    /** Brings the write-ahead log into the database. @return whether that went well; {@code reason} is told otherwise */
    private boolean checkpoint(Throwable reason) {
        try {
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
            } finally {
                connection.setAutoCommit(false);
            }
            return true;
        } catch (SQLException e) {
            reason.addSuppressed(e);
            return false;
        }
    }

    /**
     * Lets the database and its log grow a little and frees that room again, for SQLite to use when the disk is full: then the
     * least that must be possible is to delete servers.
     */
    private void reserve() {
        try {
            String room = "x".repeat(RESERVE);
            transaction(s -> s.update("INSERT INTO facts (name, value) VALUES ('room', ?)", room));
            transaction(s -> s.update("DELETE FROM facts WHERE name = 'room'"));
            checkpoint(new IllegalStateException("the log is brought in later"));
        } catch (DatabaseException e) {
            if (!e.full()) {
                throw e;
            }
        }
    }

    /**
     * Undoes the transaction under way. When the disk is full SQLite has done so itself (sqlite.org/lang_transaction.html,
     * "Response To Errors Within A Transaction"), which the driver does not see: then the next one is begun by hand, or all that
     * follows would be kept statement by statement. A statement that failed so cannot be used again.
     */
    private void rollBack(Throwable reason) {
        List<PreparedStatement> failed = List.copyOf(prepared.values());
        prepared.clear();
        try {
            for (PreparedStatement statement : failed) {
                statement.close();
            }
            connection.rollback();
        } catch (SQLException e) {
            begin(reason);
        }
    }

    private void begin(Throwable reason) {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("BEGIN");
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    private static DatabaseException failure(String what, Path file, SQLException e) {
        SQLiteErrorCode code = e instanceof SQLiteException s ? s.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
        boolean damaged = (code.code & PRIMARY_CODE) == SQLiteErrorCode.SQLITE_CORRUPT.code
                || code == SQLiteErrorCode.SQLITE_NOTADB || code == SQLiteErrorCode.SQLITE_IOERR_SHORT_READ;
        boolean full = code == SQLiteErrorCode.SQLITE_FULL || code == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE;
        String words = what + ": " + (full ? "the disk is full below " + file : e.getMessage());
        return new DatabaseException(damaged ? words + ". " + repair(file) : words, full, e);
    }

    /** What to do about a damaged database. */
    private static String repair(Path file) {
        return file + " is damaged; running servers go on and no server's files are touched. Put a copy of it in its place and delete "
                + file + "-wal; or save what can be read: sqlite3 " + file + " .recover | sqlite3 " + file + ".new, and put that in its place";
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure("cannot close the database", file, e);
        } finally {
            lock.unlock();
        }
    }

    /** What work inside a transaction may do. */
    public static final class Statements {
        private final Database database;

        private Statements(Database database) {
            this.database = database;
        }

        /** Runs one statement; the count of rows it changed. */
        public int update(String sql, Object... values) throws SQLException {
            return database.prepare(sql, values).executeUpdate();
        }

        /** Runs one query. */
        public <T> List<T> query(String sql, RowReader<T> reader, Object... values) throws SQLException {
            try (ResultSet rows = database.prepare(sql, values).executeQuery()) {
                List<T> list = new ArrayList<>();
                while (rows.next()) {
                    list.add(reader.read(rows));
                }
                return list;
            }
        }

        /** Runs statements of the schema. */
        void define(String sql) throws SQLException {
            try (Statement statement = database.connection.createStatement()) {
                statement.executeUpdate(sql);
            }
        }
    }
}
