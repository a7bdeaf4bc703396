/** What stands behind # in the link to a heading, the second of its name with -1 and so on left to whoever collects them. */
export declare function slugOf(heading: string): string;
//# sourceMappingURL=slug.d.ts.map
