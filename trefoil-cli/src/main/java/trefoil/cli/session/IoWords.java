package trefoil.cli.session;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Words for failures whose own message is only a file's name. */
public final class IoWords {
    private IoWords() {}

    public static String of(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file or directory";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileAlreadyExistsException exists -> exists.getFile() + ": exists already";
            case NotDirectoryException other -> other.getFile() + ": not a directory";
            case DirectoryNotEmptyException full -> full.getFile() + ": the directory is not empty";
            case FileSystemException other -> other.getMessage();
            case FileNotFoundException missing -> missing.getMessage();
            default -> e.getMessage() == null ? "the connection failed: " + e : e.getMessage();
        };
    }
}
