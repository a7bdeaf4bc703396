// What is used of cli-progress. Its own types bring in all of Node's, under which code that needs Node would pass for code
// that needs none.

declare module "cli-progress" {
  export class SingleBar {
    constructor(options: {
      readonly format: string;
      readonly clearOnComplete: boolean;
      readonly hideCursor: boolean;
      readonly stream: unknown;
    });
    start(total: number, from: number, shown: object): void;
    setTotal(total: number): void;
    update(value: number, shown: object): void;
    stop(): void;
  }
}
