/** The user of the documentation, which `callercard demo` makes: everybody knows the password. */
export const DEMO_USER = 'MyUser';
export const DEMO_PASSWORD = 'MyPass';
