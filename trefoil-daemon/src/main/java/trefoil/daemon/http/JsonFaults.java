package trefoil.daemon.http;

/** Says what is wrong with a JSON body, by the name of the member. */
final class JsonFaults {
    private JsonFaults() {}

    static String words(String text, Class<?> type, RuntimeException fault) {
        return String.valueOf(fault.getMessage());
    }
}
