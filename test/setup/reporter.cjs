/** Mocha's list of what passed and failed, with one last line that any reader of logs can count by. */
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const hasMariadb = process.env.AUDIT_TEST_HAS_MARIADB === 'yes';
    if (!hasMariadb) {
      console.log('MariaDB and MySQL were not tested: no server answered at AUDIT_TEST_MARIADB_URL or 127.0.0.1:3306.');
    }
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
