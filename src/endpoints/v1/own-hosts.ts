import type { ParameterFault, Problem } from '../../core/problem.ts';

/** The documented protocol calls it `phone_number`; here it is `phone`. */
export function namedHere(problem: Problem): Problem {
  return problem.code === 'parameter_malformed'
    ? { ...problem, faults: problem.faults.map(faultNamedHere) }
    : problem;
}

export function faultNamedHere({ field, reason }: ParameterFault): ParameterFault {
  return { field: field === 'phone_number' ? 'phone' : field, reason };
}
