export declare const elsewhere: Readonly<Record<string, string>>;
export declare const addressOf: (file: string) => string | undefined;
export declare const chapters: readonly {
  readonly title: string;
  readonly pages: readonly (readonly [name: string, page: string])[];
}[];
