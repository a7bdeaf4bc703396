// The verdicts of `npm run mutate` as a page: a row for each room, then what survived.

/** "autograd/src/kernels/eager/sums.ts" → "autograd/kernels": the folder below src, or the package where there is none. */
function roomOf({ file }) {
  const [name, , room, ...rest] = file.split("/");
  return rest.length === 0 ? name : `${name}/${room}`;
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** The page for mutations with the verdicts "killed", "survived", "equivalent" and "noticed", or none. */
export function tableOf(mutations, verdictOf, nameOf) {
  const rooms = [...new Set(mutations.map(roomOf))].sort((a, b) => a.localeCompare(b));
  const kinds = ["killed", "survived", "equivalent", "not run"];
  const of = (verdict = "not run") => (verdict === "noticed" ? "killed" : verdict);
  const rows = rooms.map((room) => {
    const here = mutations.filter((mutation) => roomOf(mutation) === room);
    return [
      room,
      here.length,
      ...kinds.map((kind) => here.filter((each) => of(verdictOf(each)) === kind).length),
    ];
  });
  const total = ["all", ...[1, 2, 3, 4, 5].map((column) => sum(rows.map((row) => row[column])))];
  const survivors = mutations.filter((mutation) => verdictOf(mutation) === "survived");
  const listed = survivors.map((mutation) => `- \`\` ${nameOf(mutation)} \`\``).join("\n");
  return `# Which mistakes the tests notice

Written by \`npm run mutate\`: each mistake of the lists in this folder is made by itself, and the tests that it names are run.
An equivalent one changes nothing that can be observed; the list says why. \`npm run mutate -- --missing\` makes those that
have not been run.

| room | mistakes | killed | survived | equivalent | not run |
| --- | --: | --: | --: | --: | --: |
${[...rows, total].map((row) => `| ${row.join(" | ")} |`).join("\n")}

${survivors.length === 0 ? "None of those that have been run survived." : `Survived:\n\n${listed}`}
`;
}
