package trefoil.linux.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.linux.FileDescriptor;
import trefoil.linux.host.KernelFile;

/** Controllers bound to version 1 hierarchies; the handle on processes is in the cgroup2 hierarchy all the same. */
final class CgroupV1 extends CgroupTree {
    private final Map<String, Path> controllers;
    private final boolean unifiedMounted;

    /** @param ownMount a detached mount that {@code unified} leads to; {@code null} where the host has mounted it */
    CgroupV1(String top, Map<String, Path> controllers, Path unified, FileDescriptor ownMount) throws IOException {
        super(top, unified, ownMount);
        this.controllers = controllers;
        this.unifiedMounted = ownMount == null;
    }

    @Override
    public String flavor() {
        return unifiedMounted ? "hybrid" : "v1";
    }

    @Override
    List<Path> roots() {
        List<Path> roots = new ArrayList<>(controllers.values().stream().distinct().toList());
        roots.add(unifiedRoot());
        return roots;
    }

    @Override
    void make(String name, CgroupLimits limits, List<Path> made) throws IOException {
        for (Path root : roots()) {
            makeDirectory(below(root, name), this::weigh, made);
        }
        ControllersV1 files = files(name);
        files.begin();
        files.change(CgroupLimits.NONE, limits);
    }

    private void weigh(Path newTop) throws IOException {
        if (newTop.equals(controllers.containsKey("cpu") ? top(controllers.get("cpu")) : null)) {
            KernelFile.write(newTop + "/cpu.shares", Integer.toString(ControllersV1.shares(TOP_WEIGHT)));
        }
    }

    private Map<String, Path> directories(String name) {
        Map<String, Path> directories = new LinkedHashMap<>();
        controllers.forEach((controller, root) -> directories.put(controller, below(root, name)));
        return directories;
    }

    private ControllersV1 files(String name) {
        Map<String, ControlFiles> files = new LinkedHashMap<>();
        directories(name).forEach((controller, directory) -> files.put(controller, ControlFiles.of(directory)));
        return new ControllersV1(files);
    }

    @Override
    Cgroup group(String name) {
        return new Cgroup(this, name, unified(name), directories(name), files(name));
    }
}
