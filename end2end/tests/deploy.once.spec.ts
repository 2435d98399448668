// What docs/deploy gives to Docker, Kubernetes, systemd and Grafana is about this program, and gives it no more than it needs.

import { execFile } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { expect, test } from "../support/browser.ts";
import { command, freePort } from "../support/portal.mjs";

test.use({ islands: false });

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Service {
  image: string;
  command?: string[];
  environment: Record<string, string>;
  ports?: string[];
  secrets: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  healthcheck?: { test: string[] };
}

interface Probe {
  httpGet: { path: string; port: string };
}

interface Container {
  name: string;
  command?: string[];
  env?: { name: string; value?: string }[];
  ports?: { name: string; containerPort: number }[];
  securityContext: object;
  resources: { limits: { memory: string } };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
}

interface Pod {
  initContainers: Container[];
  containers: Container[];
  securityContext: object;
  enableServiceLinks: boolean;
  automountServiceAccountToken: boolean;
}

const image = read("docs/deploy/Dockerfile");
const unit = read("docs/deploy/portcullis.service");
const compose = parse(read("docs/deploy/compose.yaml"), { merge: true }) as { services: Record<string, Service> };
const { postgres, ...programs } = compose.services;
const manifest = parseAllDocuments(read("docs/deploy/kubernetes.yaml")).map((document) => {
  expect(document.errors).toEqual([]);
  return document.toJS() as { kind: string; spec: { replicas?: number; template: { spec: Pod } } };
});
const pods = manifest.filter(({ kind }) => ["Job", "Deployment"].includes(kind)).map(({ spec }) => spec.template.spec);
const containers = pods.flatMap(({ initContainers, containers }) => [...initContainers, ...containers]);
const portal = containers.find(({ name }) => name === "portal")!;

/** The user of the image, by number. */
const user = Number(/^USER (\d+):\1$/m.exec(image)?.[1]);

/** Each capture of a pattern, once. */
function all(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([, found]) => found!))].sort();
}

test("every setting that is named there is one of the program’s", async () => {
  const settings = all(await command("serve", "--help"), /\[env: (\w+)/g);
  expect(settings.length).toBeGreaterThan(12);
  const named = [
    ...all(image, /\b(PORTCULLIS_\w+)=/g),
    ...all(unit, /\b(PORTCULLIS_\w+|DATABASE_URL)\b/g),
    ...Object.values(programs).flatMap(({ environment }) => Object.keys(environment)),
    ...containers.flatMap(({ env }) => env?.map(({ name }) => name) ?? []),
  ];
  // The driver of the database reads that one.
  expect(named.filter((name) => name !== "PGPASSFILE" && !settings.includes(name))).toEqual([]);
  const table = all(read("README.md"), /^\| `([A-Z_]+)` \|/gm);
  expect(settings.filter((name) => !table.includes(name))).toEqual([]);
});

test("the dashboard shows every metric that there is, and no other", () => {
  const code = ["src", "server/src", "app/src"].flatMap((directory) =>
    readdirSync(join(root, directory), { encoding: "utf8", recursive: true })
      .filter((file) => file.endsWith(".rs"))
      .map((file) => read(join(directory, file))),
  );
  const measured = all(code.filter((text) => text.includes("metrics::")).join(""), /"(portcullis_\w+)"/g);
  expect(measured.length).toBeGreaterThan(9);
  const shown = all(read("docs/deploy/grafana.json"), /\b(portcullis_\w+?)(?:_sum|_count)?\b/g);
  expect(shown).toEqual(measured);
  expect(all(read("docs/operating.md"), /`(portcullis_\w+)(?:\{\w+\})?`/g)).toEqual(measured);
});

test("Kubernetes asks at addresses that answer, where the program listens", async ({ visitor }) => {
  expect(image).toMatch(/PORTCULLIS_LISTEN=0\.0\.0\.0:3000$/m);
  expect(image).toMatch(/^EXPOSE 3000$/m);
  expect(portal.ports).toEqual([{ name: "http", containerPort: 3000 }]);
  for (const probe of [portal.startupProbe!, portal.livenessProbe!, portal.readinessProbe!]) {
    expect(probe.httpGet.port).toBe("http");
    expect((await visitor.get(probe.httpGet.path)).status(), probe.httpGet.path).toBe(200);
  }
  expect(portal.livenessProbe!.httpGet.path, "a database that is away ends no portal").toBe("/healthz");
  expect(portal.readinessProbe!.httpGet.path).toBe("/readyz");
});

test("Compose finds a portal well that is ready, and no other", async () => {
  const [kind, program, ...rest] = programs.portal!.healthcheck!.test;
  expect(kind).toBe("CMD");
  const ask = async (port: number | string) => {
    const words = rest.map((word) => word.replaceAll("$$", "$").replace("127.0.0.1/3000", `127.0.0.1/${port}`));
    return promisify(execFile)(program!, words);
  };
  await ask(new URL(process.env.PORTCULLIS_BASE_URL!).port);
  await expect(ask(await freePort())).rejects.toThrow();
});

test("the image’s user is not root, and nobody gives it more rights", () => {
  expect(user).toBeGreaterThan(1000);
  expect(image.lastIndexOf("\nUSER ")).toBeGreaterThan(image.lastIndexOf("\nFROM "));
  expect(pods.length).toBe(2);
  for (const pod of pods) {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user });
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  }
  for (const container of containers) {
    expect(container.securityContext, container.name).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.resources.limits.memory, container.name).toMatch(/^\d+[MG]i$/);
  }
  expect(Object.keys(programs)).toEqual(["migrate", "portal"]);
  for (const [name, service] of Object.entries(programs)) {
    expect(service, name).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  }
  for (const line of ["User=portcullis", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict"]) {
    expect(unit.split("\n")).toContain(line);
  }
});

test("nothing is published but the portal, to its own machine, and no secret stands there", () => {
  expect(postgres!.ports).toBeUndefined();
  expect(programs.migrate!.ports).toBeUndefined();
  for (const port of programs.portal!.ports!) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(postgres!.environment).toMatchObject({ POSTGRES_PASSWORD_FILE: "/run/secrets/postgres_password" });
  expect(postgres!.environment).not.toHaveProperty("POSTGRES_PASSWORD");
  for (const { environment, secrets } of Object.values(programs)) {
    expect(new URL(environment.DATABASE_URL!).password).toBe("");
    expect(secrets).toEqual(["master_key", "pgpass"]);
  }
  const secret = /DATABASE_URL|SMTP_URL/;
  for (const { env } of containers) {
    for (const { name, value } of env ?? []) if (secret.test(name)) expect(value, name).toBeUndefined();
  }
});

test("in Kubernetes the portal gets a key that only its user may read, and there is one portal", () => {
  for (const { initContainers, containers } of pods) {
    const to = initContainers[0]!.command!.at(-1);
    expect(initContainers[0]!.command!.slice(0, 2)).toEqual(["install", "--mode=0600"]);
    expect(containers[0]!.env).toContainEqual({ name: "PORTCULLIS_MASTER_KEY_FILE", value: to });
  }
  expect(manifest.find(({ kind }) => kind === "Deployment")!.spec).toMatchObject({
    replicas: 1,
    strategy: { type: "Recreate" },
  });
});

test("shells and the manual know every command that the help shows", async () => {
  const manual = test.info().outputPath("man1");
  const completions = test.info().outputPath("completions.bash");
  const shown = all(await command("--help"), /^ {2}([a-z]+) {2,}\S/gm).filter((name) => name !== "help");
  expect(shown.length).toBeGreaterThan(9);
  const script = await command("completions", "bash");
  writeFileSync(completions, script);
  await promisify(execFile)("bash", ["-n", completions]);
  await command("man", manual);
  for (const name of shown) {
    expect(script).toContain(name);
    expect(readFileSync(join(manual, `portcullis-${name}.1`), "utf8")).toContain(name);
  }
  expect(script).not.toContain("with-postgres");
});
