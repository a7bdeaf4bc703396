// What the tables of instructions hold.

/** An opcode; 0xfd000 and 0xfc000 stand for the prefixes of vector and of saturating instructions. */
export type Instruction = number;

/** An instruction that reads or writes memory, and its alignment as a power of two. */
export interface MemoryInstruction {
  readonly code: Instruction;
  readonly align: number;
}
