// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/msuser/context.h"
#include "tools/msuser/password_source.h"

namespace posthorn::msuser {

/// One function a command. Each changes the file in one step or not at all.

Status add(const Context& context, const std::string& user, const std::vector<std::string>& attributes,
           PasswordFrom from);
Status passwd(const Context& context, const std::string& user, PasswordFrom from);
/// `user` may be `@domain`, whose line is made when there is none.
Status set(const Context& context, const std::string& user, const std::vector<std::string>& attributes);
Status remove(const Context& context, const std::vector<std::string>& users);

enum class Output { Text, Json };
Status list(const Context& context, Output output);
Status show(const Context& context, const std::string& user, Output output);

enum class Existing { AreErrors, AreReplaced };
/// Lines `user:password` or `user:{scheme}hash` of a file, `-` for stdin; all or none.
Status import(const Context& context, const std::string& file, Existing existing);

}  // namespace posthorn::msuser
